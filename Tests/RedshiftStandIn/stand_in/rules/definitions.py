"""CREATE, ALTER, DROP and COMMENT."""

from sqlglot import exp
from sqlglot.tokens import TokenType

from . import types
from .refusal import (
    ACTIVE_TRANSACTION, DIFFERENCES, GUIDE, NOT_SUPPORTED, SYNTAX_ERROR, UNSUPPORTED_FEATURES, Refusal, rule, syntax_error,
    unsupported_command,
)
from .transactions import cannot_run

TABLE = GUIDE + "r_CREATE_TABLE_NEW.html"
ALTER = GUIDE + "r_ALTER_TABLE.html"
ABSENT = (
    "index sequence trigger rule domain type extension tablespace aggregate operator cast collation conversion policy "
    "publication subscription event server statistics text access transform foreign language"
).split()


@rule(UNSUPPORTED_FEATURES)
def absent_objects(s, state):
    if s.words[0] not in ("create", "drop", "alter") or len(s.tokens) < 2:
        return None
    at = 1
    if s.words[0] == "create" and s.begins("create", "or", "replace"):
        at = 3
    kind = s.word(at)
    if kind in ("unique", "constraint") and s.word(at + 1) in ("index", "trigger"):
        return unsupported_command(s)
    # Row-level security policies exist: CREATE RLS POLICY and CREATE MASKING POLICY.
    if kind in ABSENT:
        return unsupported_command(s)
    if s.words[0] == "alter" and kind in ("view", "owned"):
        return syntax_error(kind)
    if kind == "owned" or s.begins("reassign", "owned"):
        return unsupported_command(s)


def is_create_table(s):
    return s.begins("create") and "table" in s.words[:5] and "external" not in s.words[:5]


@rule(TABLE)
def create_table(s, state):
    if not is_create_table(s):
        return None
    if s.begins("create", "or", "replace"):
        return syntax_error("table")
    for word in ("unlogged", "global"):
        if s.word(1) == word:
            return syntax_error(word)
    temporary = s.word(1) in ("temp", "temporary") or s.begins("create", "local")
    at = s.find("table") + 1
    absent = s.word(at) == "if"
    if absent:
        at += 3
    parts, after = s.qualified_name(at)
    depths = s.depths()
    is_as = bool(s.top_level("as"))
    if absent and is_as:
        return syntax_error("as")
    if temporary and len(parts) > 1:
        return Refusal("42P16", "cannot create temporary relation in non-temporary schema")
    for word in ("inherits", "partition", "tablespace", "with"):
        if not is_as and any(w.split()[0] == word for w in (s.word(i) for i in range(after, len(s.tokens)) if depths[i] == 0) if w):
            return syntax_error(word)
    if s.top_level("on") and s.holds("on", "commit"):
        return syntax_error("on")
    return None


@rule(TABLE)
def columns(s, state):
    if not (is_create_table(s) and not s.top_level("as")) and not s.begins("alter", "table"):
        return None
    if s.holds("check") and any(s.word(i + 1) == "(" for i in range(len(s.tokens)) if s.word(i) == "check"):
        return Refusal(NOT_SUPPORTED, "CHECK constraint is not supported")
    if s.holds("generated", "always", "as", "("):
        return syntax_error("(")
    for word in ("deferrable", "initially", "collate_c", "exclude"):
        if s.holds(word):
            return syntax_error(word)
    if s.holds("on", "delete") or s.holds("on", "update"):
        return syntax_error("on")
    if s.holds("nulls", "not", "distinct"):
        return syntax_error("nulls")
    for at in range(len(s.tokens)):
        if s.word(at) == "identity" and s.word(at + 1) == "(":
            if s.tokens[s.closing(at + 1) - 2].token_type != TokenType.COMMA:
                return syntax_error(")")
    count = len(types.column_types(s))
    if count > 1600:
        return Refusal("54011", "tables can have at most 1600 columns")


@rule(TABLE + " (DISTSTYLE, DISTKEY, SORTKEY)")
def physical_design(s, state):
    is_view = s.begins("create", "materialized", "view")
    if not is_create_table(s) and not is_view:
        return None
    depths = s.depths()
    found = {}
    as_at = next(iter(s.top_level("as")), len(s.tokens))
    for at in range(len(s.tokens)):
        if depths[at] != 0:
            if s.word(at) == "encode" and s.top_level("as") and at < as_at:
                return syntax_error("encode")
            continue
        word = s.word(at)
        if word in ("diststyle", "distkey", "sortkey", "backup", "interleaved", "compound", "encode"):
            if at > as_at:
                return syntax_error(word)
            found.setdefault(word, []).append(at)
    for word, places in found.items():
        if len(places) > 1:
            return Refusal(SYNTAX_ERROR, f"{word.upper()} is given more than once")
    if "distkey" in found:
        opening = found["distkey"][0] + 1
        if s.word(opening) == "(" and s.closing(opening) - opening != 2:
            return syntax_error(",")
        style = found.get("diststyle")
        if style and s.word(style[0] + 1) != "key":
            return Refusal(SYNTAX_ERROR, "DISTKEY can only be given with DISTSTYLE KEY")
    style = found.get("diststyle")
    if style:
        kind = s.word(style[0] + 1)
        if kind not in ("auto", "even", "all", "key"):
            return syntax_error(s.name(style[0] + 1))
        if kind == "key" and "distkey" not in found and not any(s.word(i) == "distkey" for i in range(len(s.tokens))):
            return Refusal(SYNTAX_ERROR, "DISTSTYLE KEY needs a DISTKEY column")
    if "sortkey" in found and s.word(found["sortkey"][0] + 1) == "(":
        opening = found["sortkey"][0] + 1
        count = 1 + sum(t.token_type == TokenType.COMMA for t in s.tokens[opening : s.closing(opening)])
        limit = 8 if "interleaved" in found else 400
        if count > limit:
            return Refusal("54011", f"a sort key can have at most {limit} columns")
    if is_create_table(s) and any(s.word(i) in ("temp", "temporary") for i in (1, 2)) and "backup" in found:
        return syntax_error("backup")


@rule(GUIDE + "r_CREATE_VIEW.html")
def create_view(s, state):
    at = s.find("view")
    if not s.begins("create") or at < 0 or at > 5 or "materialized" in s.words[:at] or "table" in s.words[:at]:
        return None
    if s.word(1) in ("temp", "temporary", "recursive") or s.word(3) in ("temp", "temporary", "recursive"):
        return syntax_error(s.word(1) if s.word(1) != "or" else s.word(3))
    if s.word(at + 1) == "if":
        return syntax_error("not")
    _, after = s.qualified_name(at + 1)
    if s.word(after) == "with":
        return syntax_error("with")
    if s.holds("check", "option"):
        return syntax_error("check")
    if s.holds("no", "schema", "binding"):
        names = {c.alias.lower() for c in s.tree.find_all(exp.CTE)} if s.tree is not None else set()
        for table in (s.tree.find_all(exp.Table) if s.tree is not None else ()):
            if not table.db and table.name and table.name.lower() not in names and isinstance(table.this, exp.Identifier):
                return Refusal(
                    NOT_SUPPORTED, "All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.")


@rule(GUIDE + "materialized-view-create-sql-command.html")
def create_materialized_view(s, state):
    if s.begins("create", "or", "replace", "materialized"):
        return syntax_error("materialized")
    if not s.begins("create", "materialized", "view"):
        return None
    if s.word(3) == "if":
        return syntax_error("not")
    if s.holds("with", "no", "data") or s.holds("with", "data"):
        return syntax_error("with")
    if s.holds("no", "schema", "binding"):
        return syntax_error("with")


@rule(GUIDE + "materialized-view-alter-sql-command.html; dbt-redshift 1.11.1, RedshiftRelation.renameable_relations")
def alter_materialized_view(s, state):
    if s.begins("alter", "materialized", "view"):
        _, after = s.qualified_name(3)
        if s.word(after) in ("rename", "owner", "set"):
            return syntax_error(s.word(after))
    if s.begins("alter", "table"):
        parts, after = s.qualified_name(2)
        if s.word(after) == "rename" and tuple(parts[-2:]) in state.materialized_views:
            return Refusal(NOT_SUPPORTED, f'"{parts[-1]}" is a materialized view and cannot be renamed')


@rule(ALTER)
def alter_table(s, state):
    if not s.begins("alter", "table"):
        return None
    if s.word(2) in ("if", "only"):
        return syntax_error(s.word(2) if s.word(2) == "only" else "exists")
    _, after = s.qualified_name(2)
    depths = s.depths()
    commas = [i for i in range(after, len(s.tokens)) if depths[i] == 0 and s.tokens[i].token_type == TokenType.COMMA]
    if commas and s.word(after) != "alter":
        return syntax_error(",")
    action = s.word(after)
    at = after + 1
    if action in ("inherit", "no", "attach", "detach", "enable", "disable", "validate", "cluster", "force", "replica"):
        return syntax_error(action)
    if action == "set" and s.word(at) in ("schema", "tablespace", "logged", "unlogged", "with", "without", "("):
        return syntax_error(s.word(at))
    if action == "add":
        at += 1 if s.word(at) == "column" else 0
        if s.word(at) == "if":
            return syntax_error("not")
        if s.word(at).split(" ")[0] not in ("constraint", "primary", "unique", "foreign", "check", "partition"):
            for word in ("unique", "primary", "references", "identity"):
                if s.word(at + 1) and any(s.word(i) == word for i in range(at + 2, len(s.tokens))):
                    return Refusal(NOT_SUPPORTED, f"ALTER TABLE ADD COLUMN does not support {word.upper()}")
            if s.holds("not", "null") and not s.holds("default"):
                return Refusal(NOT_SUPPORTED, "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression")
    if action == "drop":
        at += 1 if s.word(at) == "column" else 0
        if s.word(at) == "if":
            return syntax_error("exists")
    if action == "alter" and s.word(at) not in ("diststyle", "distkey", "sortkey", "compound", "interleaved", "encode"):
        at += 1 if s.word(at) == "column" else 0
        return alter_column(s, state, at)


def alter_column(s, state, at):
    what = s.word(at + 1)
    if what in ("encode", "") or (what == "," or s.word(at) == ","):
        return None
    if what in ("set", "drop"):
        return syntax_error(s.word(at + 2) if s.word(at + 2) != "data" else "data")
    if what == "type":
        kind = s.name(at + 2)
        if kind == "character" and s.word(at + 3) == "varying":
            kind = "varchar"
        if s.holds("using"):
            return syntax_error("using")
        if kind not in ("varchar", "varbyte", "nvarchar", "text", "character"):
            return Refusal(NOT_SUPPORTED, f"target data type \"{kind}\" is not supported for ALTER COLUMN TYPE")
        if kind == "character":
            return Refusal(NOT_SUPPORTED, 'target data type "character" is not supported for ALTER COLUMN TYPE')
        if state.in_transaction or state.in_string:
            return cannot_run("ALTER TABLE ALTER COLUMN")


@rule(GUIDE + "r_COMMENT.html; dbt-redshift 1.11.1, adapters.sql, redshift__alter_relation_comment, redshift__persist_docs")
def comment(s, state):
    if not s.begins("comment", "on"):
        return None
    kind = s.word(2)
    if kind not in ("table", "column", "constraint", "database", "view"):
        return syntax_error(kind)
    if kind == "column":
        parts, _ = s.qualified_name(3)
        if tuple(parts[-3:-1]) in state.late_binding_views:
            return Refusal("42809", f'"{parts[-2]}" is a late-binding view; its columns take no comments')


@rule(GUIDE + "r_GRANT.html; r_REVOKE.html")
def grants(s, state):
    if s.words[0] == "grant":
        if s.holds("granted", "by"):
            return syntax_error("granted")
        if s.holds("on", "sequence") or s.holds("all", "sequences"):
            return syntax_error("sequence" if s.holds("on", "sequence") else "sequences")


@rule(GUIDE + "r_CREATE_FUNCTION.html; user-defined-functions.html")
def functions(s, state):
    if not s.begins("create") or not s.holds("language"):
        return None
    at = s.find("language")
    language = s.name(at + 1)
    if language == "plpythonu" and s.holds("function"):
        return Refusal(NOT_SUPPORTED, "Creation of Python UDFs ended; use a Lambda or SQL UDF")
    if s.holds("function") and language not in ("sql",):
        return Refusal("42704", f'language "{language}" does not exist')
    if s.holds("setof") or s.holds("returns", "table"):
        return syntax_error("setof" if s.holds("setof") else "table")
