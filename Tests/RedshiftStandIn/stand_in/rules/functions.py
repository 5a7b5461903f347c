"""Functions: which there are, and which run where."""

from pathlib import Path

from sqlglot import exp
from sqlglot.tokens import TokenType

from .catalogue import LEADER_ONLY, is_system, tables
from .refusal import GUIDE, NOT_SUPPORTED, UNDEFINED_FUNCTION, Refusal, rule

COMPUTE_ONLY = (
    "One or more of the used functions must be applied on at least one user created tables. "
    "Examples of user table only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc"
)


def _read():
    """functions.txt: sections [any], [leader], [compute] and [syntax] of names."""
    found, section = {}, ""
    for line in (Path(__file__).parent.parent.parent / "functions.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            section = line[1:-1]
        else:
            found.setdefault(section, set()).update(line.split())
    return found


LISTS = _read()
KNOWN = set().union(*LISTS.values())
#: The parenthesis after a name that follows one of these holds columns or types, not arguments.
DECLARING = {"into", "table", "view", "references", "exists", "function", "procedure", "index", "schema", "copy", "update", "on"}
#: Keywords of the tokenizer that are functions elsewhere.
KEYWORDS = {"unnest", "json", "jsonb", "uuid", "xml", "format"}


def called(s):
    """(index, name) of the functions that a statement calls, in its order."""
    for at, name in s.calls():
        if name in LISTS["syntax"] and s.tokens[at].token_type != TokenType.IDENTIFIER:
            continue
        if s.tokens[at].token_type not in (TokenType.VAR, TokenType.IDENTIFIER) and name not in KNOWN | KEYWORDS:
            continue
        start = at
        while start >= 2 and s.word(start - 1) == ".":
            start -= 2
        previous = s.word(start - 1)
        # `insert into t (a)`, `alias (a, b)`, `as alias (a)`, `) alias (a)`, `with a (x) as (`
        if previous in DECLARING or is_alias(s, start):
            continue
        if s.word(s.closing(at + 1) + 1) == "as" and previous in ("with", "recursive", ","):
            continue
        yield at, name


def is_alias(s, at):
    if at == 0:
        return False
    previous = s.tokens[at - 1]
    word = s.word(at - 1)
    if word == "as":
        return True
    if previous.token_type in (TokenType.IDENTIFIER, TokenType.R_PAREN):
        return True
    return previous.token_type == TokenType.VAR and word not in NAMES_THAT_LEAD


#: Words that the tokenizer takes for names though an expression may follow them.
NAMES_THAT_LEAD = {"select", "return", "interval", "top", "to", "approximate", "execute", "call", "minus", "set"}


@rule(GUIDE + "c_SQL_functions.html; c_sql-functions-leader-node.html")
def absent(s, state):
    if s.words[0] not in ("select", "with", "insert", "update", "delete", "merge", "create", "(", "explain", "call", "declare"):
        return None
    if s.words[0] == "create" and not s.top_level("as"):
        return None
    for at, name in called(s):
        if name not in KNOWN and name not in state.user_functions:
            return Refusal(UNDEFINED_FUNCTION, f"function {name}() does not exist",
                           detail="No function matches the given name and argument types.")


@rule(GUIDE + "c_sql-functions-leader-node.html")
def leader_only(s, state):
    found = [name for _, name in called(s) if name in LISTS["leader"]]
    if not found:
        return None
    users = [t for t in tables(s) if not is_system(*t)]
    stores = isinstance(s.tree, (exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Merge))
    is_view = isinstance(s.tree, exp.Create) and (s.tree.args.get("kind") or "").upper() == "VIEW"
    if (users and not is_view) or (stores and not is_view) or (is_view and len(users) > 1):
        return Refusal(NOT_SUPPORTED, LEADER_ONLY, detail=f"Function \"{found[0]}\" runs on the leader node only")


@rule(GUIDE + "r_LISTAGG.html; docs.getdbt.com, unit tests on Redshift")
def compute_only(s, state):
    found = [name for _, name in called(s) if name in LISTS["compute"]]
    if found and s.tree is not None and not [t for t in tables(s) if not is_system(*t)]:
        return Refusal(NOT_SUPPORTED, COMPUTE_ONLY)


@rule(GUIDE + "r_CONCAT.html")
def concat(s, state):
    for at, name in called(s):
        if name == "concat" and len(s.arguments(at + 1)) != 2:
            words = ", ".join(["unknown"] * len(s.arguments(at + 1)))
            return Refusal(UNDEFINED_FUNCTION, f"function concat({words}) does not exist")


@rule(GUIDE + "REGEXP_REPLACE.html (the fourth argument is a position, all matches are replaced)")
def regexp_replace(s, state):
    for at, name in called(s):
        found = s.arguments(at + 1) if name == "regexp_replace" else []
        if len(found) > 3 and s.tokens[found[3]].token_type == TokenType.STRING:
            return Refusal(UNDEFINED_FUNCTION, "function regexp_replace(character varying, unknown, unknown, unknown) does not exist")
