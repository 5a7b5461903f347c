"""From a statement of Redshift to what PostgreSQL does in its place."""

import json
from dataclasses import dataclass, field

from sqlglot.tokens import TokenType

from . import showing
from .edits import Edits
from .statement import Statement, split

#: What Redshift's version() says.
VERSION = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.103851"
)
#: Words that sqlglot's own translation handles: the whole statement is then written anew.
TRANSLATED = ("qualify", "minus", "top", "pivot", "unpivot")
TRANSLATED_CALLS = ("decode", "nvl2", "convert")
DATE_PART_FIRST = ("dateadd", "datediff", "date_part", "date_diff", "date_add")
RENAMED_CALLS = {"nvl": "coalesce", "isnull": "coalesce", "concat": "redshift_concat", "version": "redshift_version"}
SESSION_WORDS = ("query_group", "enable_case_sensitive_identifier", "enable_result_cache_for_session", "analyze_threshold_percent",
                 "describe_field_name_in_uppercase", "downcase_delimited_identifier", "enable_numeric_rounding",
                 "json_serialization_enable", "wlm_query_slot_count", "max_cursor_result_set_size", "use",
                 "mv_enable_aqmv_for_session", "enable_vacuum_boost", "navigate_super_null_on_error", "spectrum_query_maxerror")


@dataclass
class Rewritten:
    """What is sent to PostgreSQL, and what has to happen around it."""

    sql: str
    #: Gives back the place in the statement as the client wrote it.
    edits: object = None
    #: The word for CommandComplete, when PostgreSQL's own would be another.
    tag: str = ""
    #: Sent before, in the same transaction, unseen.
    before: list = field(default_factory=list)
    #: TRUNCATE ends the transaction that it is in.
    commits: bool = False
    #: Work of the stand-in itself: ("copy", statement), ("unload", statement), ("fault", …).
    local: tuple = ()
    #: A name that rules have to know from now on: ("function", name)
    learns: tuple = ()


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def rewrite(s, schema="public"):
    """`schema` is where a name without one is made."""
    first, second = s.words[0], s.word(1)
    if first == "show" and second in ("tables", "columns", "schemas", "databases", "grants"):
        return Rewritten(showing.query(s))
    if first == "show" and s.name(1) in SESSION_WORDS:
        return Rewritten(f"select current_setting('redshift.{s.name(1)}', true) as {s.name(1)}")
    if first == "show" and s.name(1) == "server_version":
        return Rewritten("select '8.0.2'::text as server_version")
    if first == "copy":
        return Rewritten("call redshift.nothing()", tag="COPY", local=("copy", s))
    if first == "unload":
        return Rewritten("call redshift.nothing()", tag="UNLOAD", local=("unload", s))
    if first == "select" and s.name(1) == "standin_fault":
        kind, times, pattern = (t.text for t in s.tokens if t.token_type in (TokenType.STRING, TokenType.NUMBER))
        return Rewritten("select 1", local=("fault", kind, times, pattern))
    if first == "vacuum":
        return Rewritten("call redshift.nothing()", tag="VACUUM")
    if first in ("analyze", "analyse"):
        return Rewritten("call redshift.nothing()", tag="ANALYZE")
    if first == "use":
        return Rewritten(f"set redshift.use = {quoted(s.name(1))}", tag="USE")
    if first == "reset" and second == "use":
        return Rewritten("reset redshift.use")
    if first in ("set", "reset") and s.name(1) in SESSION_WORDS:
        edits = Edits(s.text)
        token = s.tokens[1]
        edits.replace(token.start, token.end + 1, "redshift." + s.name(1))
        return Rewritten(edits.result(), edits)
    made = views(s, schema)
    if made is not None:
        return made
    if first == "alter" and second == "table":
        _, after = s.qualified_name(2)
        if s.word(after) == "alter" and s.word(after + 1) in ("diststyle", "distkey", "sortkey", "compound", "interleaved", "encode") \
                or s.word(after) == "alter" and s.word(after + 3) == "encode":
            style, column = s.word(after + 2).upper(), ""
            if s.holds("distkey"):
                column = s.name(s.find("distkey") + 1)
                style = f"KEY({column})"
            if s.word(after + 1) in ("diststyle", "distkey"):
                table = ".".join(s.qualified_name(2)[0][-2:])
                style = "AUTO(ALL)" if style == "AUTO" else style
                return Rewritten(f"call redshift.restyle({quoted(table)}, {quoted(style)}, {quoted(column)})", tag="ALTER TABLE")
            return Rewritten("call redshift.nothing()", tag="ALTER TABLE")
        if s.word(after) == "add" and s.word(after + 1).split(" ")[0] in ("constraint", "primary", "unique", "foreign") \
                or s.word(after) == "drop" and s.word(after + 1) == "constraint":
            return Rewritten(key_change(s, after), tag="ALTER TABLE")
        if s.word(after) == "append":
            source = s.text[s.tokens[s.find("from") + 1].start :]
            target = s.text[s.tokens[2].start : s.tokens[after - 1].end + 1]
            return Rewritten(f"with moved as (delete from {source} returning *) insert into {target} select * from moved",
                             tag="ALTER TABLE APPEND")
    translated = any(s.holds(w) for w in TRANSLATED) or any(n in TRANSLATED_CALLS for _, n in s.calls())
    if translated and s.tree is not None and first in ("select", "with", "insert", "create", "("):
        s = split(s.tree.sql(dialect="postgres"))[0]
    edits = Edits(s.text)
    design = physical_design(s, edits) if first == "create" and "table" in s.words[:5] else None
    if design is not None and not s.top_level("as"):
        design["references"] = references(s, edits)
    tokens(s, edits)
    types(s, edits)
    calls(s, edits)
    unnamed_subqueries(s, edits)
    if first in ("create", "drop") and second == "schema":
        at = s.find("exists") + 1 or 2
        parts, after = s.qualified_name(at)
        if len(parts) == 2:  # a database's schema
            edits.replace(s.tokens[at].start, s.tokens[at + 1].end + 1, "")
    result = Rewritten(edits.result(), edits)
    result.commits = first == "truncate"
    if design:
        result.before.append(f"select set_config('redshift.design', {quoted(json.dumps(design))}, false)")
    if first == "create" and s.holds("function"):
        parts, _ = s.qualified_name(s.find("function") + 1)
        result.learns = ("function", parts[-1])
    return result


# MARK: Keys


def names_between(s, opening):
    """The names in the parentheses that open at a token."""
    return [s.name(i) for i in range(opening + 1, s.closing(opening)) if s.tokens[i].token_type != TokenType.COMMA]


def reference(s, at):
    """What REFERENCES at a token points to, and the last token of it."""
    parts, after = s.qualified_name(at + 1)
    columns, last = [], after - 1
    if s.word(after) == "(":
        columns, last = names_between(s, after), s.closing(after)
    return {"table": ".".join(parts[-2:]), "columns": columns}, last


def references(s, edits):
    """Takes foreign keys out of a CREATE TABLE: PostgreSQL would hold them. Gives what they point to."""
    found = []
    for at in range(len(s.tokens)):
        if s.word(at) != "references":
            continue
        key, last = reference(s, at)
        first = at
        declared = [i for i in range(at) if s.word(i).startswith("foreign") and s.closing(i + 1) >= at - 1]
        if s.word(at - 1) == ")" and declared:  # , [constraint name] foreign key (columns) references …
            first = declared[-1] - (3 if s.word(declared[-1] - 2) == "constraint" else 1)
        edits.replace(s.tokens[first].start, s.tokens[last].end + 1, "")
        found.append(key)
    return found


def key_change(s, after):
    """ALTER TABLE … ADD or DROP of a key, which is noted only."""
    table = ".".join(s.qualified_name(2)[0][-2:])
    if s.word(after) == "drop":
        return f"call redshift.drop_key({quoted(table)}, {quoted(s.name(after + 2))})"
    at, name = after + 1, ""
    if s.word(at) == "constraint":
        name, at = s.name(at + 1), at + 2
    definition = s.text[s.tokens[at].start : s.tokens[-1].end + 1]
    opening = next(i for i in range(at, len(s.tokens)) if s.tokens[i].token_type == TokenType.L_PAREN)
    columns = names_between(s, opening)
    foreign = s.find("references", start=at)
    key = reference(s, foreign)[0] if foreign >= 0 else None
    return (f"call redshift.add_key({quoted(table)}, {quoted(name or '_'.join(columns) + '_key')}, {quoted(definition)},"
            f" array[{', '.join(map(quoted, columns))}], {quoted(json.dumps(key)) if key else 'null'})")


def unnamed_subqueries(s, edits):
    """A subquery in FROM needs no name in Redshift: dbt-redshift 1.11.1, relation.py, require_alias."""
    for at in range(1, len(s.tokens) - 1):
        if s.tokens[at].token_type != TokenType.L_PAREN or s.word(at - 1) not in ("from", "join"):
            continue
        if s.word(at + 1) not in ("select", "with", "("):
            continue
        end = s.closing(at)
        following = s.word(end + 1)
        if end + 1 >= len(s.tokens) or following in (")", ",", "where", "group by", "order by", "limit", "on", "join", "left", "right",
                                                     "inner", "cross", "full", "having", "union", "except", "intersect", "using"):
            edits.replace(s.tokens[end].end + 1, s.tokens[end].end + 1, f" as unnamed_{at}")


# MARK: Views


def place(parts, schema):
    """(schema, name) of a name with or without qualifiers."""
    return (parts[-2] if len(parts) > 1 else schema, parts[-1])


def views(s, schema):
    """Views without schema binding and materialized views, which procedures of the stand-in look after."""
    if s.begins("refresh", "materialized", "view"):
        parts, _ = s.qualified_name(3)
        where, name = place(parts, schema)
        return Rewritten(f"call redshift.refresh({quoted(where)}, {quoted(name)})", tag="REFRESH")
    if s.begins("drop", "materialized", "view"):
        exists = s.word(3) == "if"
        parts, after = s.qualified_name(5 if exists else 3)
        where, name = place(parts, schema)
        return Rewritten(
            f"call redshift.drop_materialized({quoted(where)}, {quoted(name)}, {exists}, {s.word(after) == 'cascade'})",
            tag="DROP MATERIALIZED VIEW")
    if s.begins("alter", "materialized", "view"):
        parts, after = s.qualified_name(3)
        where, name = place(parts, schema)
        refreshes = s.holds("yes")
        return Rewritten(f"call redshift.set_refresh({quoted(where)}, {quoted(name)}, {refreshes})", tag="ALTER MATERIALIZED VIEW")
    materialized = s.begins("create", "materialized", "view")
    late = s.find("with", "no", "schema", "binding")
    if not materialized and late < 0:
        return None
    replaces = s.begins("create", "or", "replace")
    parts, after = s.qualified_name(s.find("view") + 1)
    where, name = place(parts, schema)
    begin = next(i for i in range(after, len(s.tokens)) if s.word(i) == "as" and s.depths()[i] == 0) + 1
    end = late if late >= 0 else len(s.tokens)
    body = s.text[s.tokens[begin].start : s.tokens[end - 1].end + 1]
    inner = rewrite(split(body)[0], schema)
    if materialized:
        head = Statement(s.text, s.tokens)
        design = physical_design(head, Edits(s.text))
        text = " ".join(s.text.split())
        return Rewritten(
            f"call redshift.make_materialized({quoted(where)}, {quoted(name)}, {quoted(inner.sql)}, {quoted(text)},"
            f" {quoted(json.dumps(design))})",
            tag="CREATE MATERIALIZED VIEW")
    return Rewritten(
        f"call redshift.make_late({quoted(where)}, {quoted(name)}, {quoted(inner.sql)}, {replaces})",
        tag="CREATE VIEW")


# MARK: Parts of statements


def physical_design(s, edits):
    """Takes DISTSTYLE, DISTKEY, SORTKEY, ENCODE, BACKUP out of a CREATE and gives them as a dictionary."""
    design = {"style": "AUTO(ALL)", "dist": "", "sort": [], "kind": "", "encoded": False, "backup": True, "refresh": False}
    depths = s.depths()
    as_at = next(iter(s.top_level("as")), len(s.tokens))

    def drop(start, end):
        edits.replace(s.tokens[start].start, s.tokens[end].end + 1, "")

    at, column, begins = 0, "", False
    while at < len(s.tokens):
        word, depth = s.word(at), depths[at]
        if at > as_at:
            break
        kind = s.tokens[at].token_type
        if depth == 1 and as_at == len(s.tokens):
            if kind == TokenType.COMMA or (kind != TokenType.L_PAREN and begins is False):
                begins = True
                column = s.name(at + 1 if kind == TokenType.COMMA else at)
            if word == "encode":
                design["encoded"] = True
                drop(at, at + 1)
                at += 1
            elif word in ("distkey", "sortkey") and s.word(at - 1) not in ("(", ","):
                if word == "distkey":
                    design.update(style=f"KEY({column})", dist=column)
                else:
                    design["sort"] = [column]
                drop(at, at)
        elif depth == 0:
            if word == "diststyle":
                style = s.word(at + 1).upper()
                if style != "KEY":
                    design["style"] = "AUTO(ALL)" if style == "AUTO" else style
                drop(at, at + 1)
                at += 1
            elif word == "distkey" and s.word(at + 1) == "(":
                column_name = s.name(at + 2)
                design.update(style=f"KEY({column_name})", dist=column_name)
                end = s.closing(at + 1)
                drop(at, end)
                at = end
            elif word in ("compound", "interleaved"):
                design["kind"] = word
                drop(at, at)
            elif word == "sortkey":
                if s.word(at + 1) == "(":
                    end = s.closing(at + 1)
                    design["sort"] = [s.name(i) for i in range(at + 2, end) if s.tokens[i].token_type != TokenType.COMMA]
                else:
                    end = at + 1
                drop(at, end)
                at = end
            elif word == "backup":
                design["backup"] = s.word(at + 1) == "yes"
                drop(at, at + 1)
                at += 1
            elif word == "auto" and s.word(at + 1) == "refresh":
                design["refresh"] = s.word(at + 2) == "yes"
                at += 2
            elif word == "encode":
                drop(at, at + 1)
                at += 1
        at += 1
    for at in range(len(s.tokens)):
        if s.word(at) == "identity" and s.word(at + 1) == "(":
            end = s.closing(at + 1)
            seed, step = (s.text[s.tokens[at + 2].start : s.tokens[end - 1].end + 1].split(",") + ["1"])[:2]
            by_default = s.word(at - 1) == "as"
            words = "" if by_default else "generated always as "
            edits.replace(s.tokens[at].start, s.tokens[end].end + 1,
                          f"{words}identity (start with {seed.strip()} increment by {step.strip()})")
    return design


def tokens(s, edits):
    for at, token in enumerate(s.tokens):
        raw = s.text[token.start : token.end + 1]
        word = s.word(at)
        if token.token_type == TokenType.IDENTIFIER and raw != raw.lower():
            edits.replace(token.start, token.end + 1, raw.lower())
        elif token.token_type == TokenType.STRING and "\\" in raw:
            edits.replace(token.start, token.start, "E")
        elif word == "sysdate":
            edits.replace(token.start, token.end + 1, "getdate()")
        elif word == "regexp_replace" and at + 1 < len(s.tokens) and s.tokens[at + 1].token_type == TokenType.L_PAREN:
            count = len(s.arguments(at + 1))
            if count in (2, 3):
                end = s.tokens[s.closing(at + 1)].start
                edits.replace(end, end, ", 'g'" if count == 3 else ", '', 'g'")
        elif word == "approximate" and s.word(at + 1) in ("count", "percentile_disc"):
            edits.replace(token.start, token.end + 1, "")
        elif word == "snapshot" and s.word(at - 1) == "level":
            edits.replace(token.start, token.end + 1, "repeatable read")
        elif word == "role" and s.words[0] in ("grant", "revoke") and s.word(at - 1) in ("to", "from", ","):
            edits.replace(token.start, token.end + 1, "")
        elif word in ("pg_attribute", "pg_constraint"):
            start = s.tokens[at - 2].start if s.word(at - 1) == "." else token.start
            edits.replace(start, token.end + 1, "redshift.attributes" if word == "pg_attribute" else "redshift.constraints")


def types(s, edits):
    """`text` is varchar(256), a bare numeric (18,0), and so on, where a type stands."""
    defines = s.words[0] in ("create", "alter")
    for at, token in enumerate(s.tokens):
        name = s.name(at)
        if name not in ("text", "varchar", "nvarchar", "character", "numeric", "decimal", "super", "bpchar", "varbyte", "varbinary", "nchar"):
            continue
        previous = s.word(at - 1)
        cast = previous == "::" or (previous == "as" and (s.word(at + 1) in (")", "(") or s.word(at + 1) == "varying"))
        declared = defines and at >= 2 and (
            s.word(at - 2) in ("(", ",", "column", "add", "column_name") or previous == "type" or s.word(at - 3) == "add"
        ) and not cast
        if token.token_type == TokenType.IDENTIFIER or not (cast or declared):
            continue
        if declared and not cast and s.word(at - 2) in ("(", ",") and s.holds("cols", "("):
            continue
        end, last = token.end + 1, at
        varying = name == "character" and s.word(at + 1) == "varying"
        if varying:
            last = at + 1
            end = s.tokens[last].end + 1
        size = s.word(last + 1) == "("
        if size and s.word(last + 2) == "max":
            edits.replace(s.tokens[last + 2].start, s.tokens[last + 2].end + 1, "65535")
        if name == "super":
            edits.replace(token.start, end, "jsonb")
        elif name in ("varbyte", "varbinary"):
            edits.replace(token.start, s.tokens[s.closing(last + 1)].end + 1 if size else end, "bytea")
        elif name == "text":
            edits.replace(token.start, end, "varchar(256)")
        elif name in ("varchar", "nvarchar") or varying:
            edits.replace(token.start, end, "varchar" if size else "varchar(256)")
        elif name in ("nchar",):
            edits.replace(token.start, end, "char")
        elif name == "bpchar" and not size:
            edits.replace(token.start, end, "char(256)")
        elif name in ("numeric", "decimal") and not size:
            edits.replace(token.start, end, "numeric(18,0)")


def calls(s, edits):
    for at, name in s.calls():
        token = s.tokens[at]
        if name in DATE_PART_FIRST and s.tokens[at + 2].token_type != TokenType.STRING:
            part = s.tokens[at + 2]
            edits.replace(part.start, part.end + 1, "'" + part.text.lower() + "'")
        if name in RENAMED_CALLS and s.word(at - 1) != ".":
            edits.replace(token.start, token.end + 1, RENAMED_CALLS[name])
            alone = s.words[0] == "select" and at == 1 and s.closing(at + 1) == len(s.tokens) - 1
            if alone:
                end = s.tokens[-1].end + 1
                edits.replace(end, end, f" as {name}")
        if name == "json_extract_path_text":
            first = s.tokens[at + 2]
            edits.replace(first.start, first.start, "(redshift_json(")
            end = argument_end(s, at + 2)
            edits.replace(s.tokens[end].end + 1, s.tokens[end].end + 1, "))")
        if name == "listagg":
            listagg(s, edits, at)
        if name == "median":
            end = s.closing(at + 1)
            edits.replace(token.start, s.tokens[at + 1].end + 1, "percentile_cont(0.5) within group (order by ")


def argument_end(s, at):
    """The last token of the argument that begins at a token."""
    depth = 0
    for index in range(at, len(s.tokens)):
        kind = s.tokens[index].token_type
        if kind == TokenType.L_PAREN:
            depth += 1
        elif kind == TokenType.R_PAREN:
            depth -= 1
        if depth < 0 or (kind == TokenType.COMMA and depth == 0):
            return index - 1
    return len(s.tokens) - 1


def listagg(s, edits, at):
    """listagg([distinct] a, ',') within group (order by b) is string_agg(a::text, ',' order by b)."""
    token, end = s.tokens[at], s.closing(at + 1)
    edits.replace(token.start, token.end + 1, "string_agg")
    first = at + 3 if s.word(at + 2) == "distinct" else at + 2
    measured = argument_end(s, first)
    start, stop = s.tokens[first].start, s.tokens[measured].end + 1
    edits.replace(start, start, "(")
    edits.replace(stop, stop, ")::varchar" if measured + 1 < end else ")::varchar, ''")
    if s.word(end + 1) == "within":
        close = s.closing(end + 3)
        order = s.text[s.tokens[end + 4].start : s.tokens[close - 1].end + 1]
        edits.replace(s.tokens[end].start, s.tokens[close].end + 1, f" {order})")
