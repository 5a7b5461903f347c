"""Types of PostgreSQL that Redshift does not have."""

from sqlglot.tokens import TokenType

from .refusal import GUIDE, NOT_SUPPORTED, UNDEFINED_OBJECT, Refusal, rule

#: https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-datatypes.html
UNSUPPORTED = set(
    """json jsonb uuid bytea inet cidr macaddr money xml tsvector tsquery hstore point line lseg box path polygon
    circle bit int4range int8range numrange daterange tsrange tstzrange txid_snapshot pg_lsn citext ltree""".split()
)
SERIALS = {"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"}


def column_types(s):
    """(column, type, index of the type) of a CREATE TABLE with columns and of ALTER TABLE … ADD COLUMN."""
    found = []
    if s.begins("create") and "table" in s.words and not _is_create_as(s):
        opening = next((i for i, t in enumerate(s.tokens) if t.token_type == TokenType.L_PAREN), -1)
        if opening < 0:
            return found
        end, depth, at = s.closing(opening), 0, opening + 1
        start = True
        while at < end:
            kind = s.tokens[at].token_type
            if kind == TokenType.L_PAREN:
                depth += 1
            elif kind == TokenType.R_PAREN:
                depth -= 1
            elif kind == TokenType.COMMA and depth == 0:
                start = True
                at += 1
                continue
            if start and s.word(at) not in ("constraint", "primary", "unique", "foreign", "check", "like", "exclude"):
                found.append((s.name(at), s.name(at + 1), at + 1))
            start = False
            at += 1
    elif s.begins("alter", "table"):
        for add in s.top_level("add"):
            at = add + (2 if s.word(add + 1) == "column" else 1)
            if s.word(at) in ("constraint", "primary", "unique", "foreign", "check", "if", "partition"):
                continue
            found.append((s.name(at), s.name(at + 1), at + 1))
    return found


def _is_create_as(s):
    """CREATE TABLE … AS: an AS outside of parentheses."""
    return bool(s.top_level("as"))


def table_name(s):
    at = s.find("table") + 1
    for words in (("if", "not", "exists"), ("if", "exists"), ("only",)):
        if all(s.word(at + i) == w for i, w in enumerate(words)):
            at += len(words)
    parts, _ = s.qualified_name(at)
    return parts[-1]


@rule(GUIDE + "c_unsupported-postgresql-datatypes.html")
def columns(s, state):
    for column, kind, at in column_types(s):
        is_array = s.tokens[at + 1].token_type == TokenType.L_BRACKET if at + 1 < len(s.tokens) else False
        if kind in SERIALS:
            return Refusal(NOT_SUPPORTED, f'Column "{table_name(s)}.{column}" has unsupported type "{kind}".')
        if kind in UNSUPPORTED or is_array:
            return Refusal(
                NOT_SUPPORTED, f'Column "{table_name(s)}.{column}" has unsupported type "{kind}{"[]" if is_array else ""}".')
        if kind == "bit" or (kind in ("regclass", "regproc", "oid", "name", "xid", "cid", "tid")):
            return Refusal(NOT_SUPPORTED, f'Column "{table_name(s)}.{column}" has unsupported type "{kind}".')


@rule(GUIDE + "c_unsupported-postgresql-datatypes.html")
def casts(s, state):
    for at in range(len(s.tokens) - 1):
        if s.tokens[at].token_type == TokenType.DCOLON:
            kind = at + 1
        elif s.word(at) == "as" and s.tokens[at + 2 : at + 3] and s.tokens[at + 2].token_type == TokenType.R_PAREN:
            kind = at + 1
        else:
            continue
        if s.name(kind) in UNSUPPORTED | SERIALS:
            return Refusal(UNDEFINED_OBJECT, f'type "{s.name(kind)}" does not exist')
        if kind + 1 < len(s.tokens) and s.tokens[kind + 1].token_type == TokenType.L_BRACKET:
            after = kind + 2 < len(s.tokens) and s.tokens[kind + 2].token_type == TokenType.R_BRACKET
            if after:
                return Refusal(NOT_SUPPORTED, f'type "{s.name(kind)}[]" is not supported')


@rule(GUIDE + "r_Character_types.html")
def widths(s, state):
    for at in range(len(s.tokens) - 2):
        if s.name(at) in ("varchar", "nvarchar", "char", "nchar", "varbyte", "varying") and s.word(at + 1) == "(":
            size = s.word(at + 2)
            if not size.isdigit():
                continue
            limit = {"char": 4096, "nchar": 4096, "varbyte": 16777216}.get(s.name(at), 65535)
            if int(size) > limit:
                return Refusal("22023", f"length for type {s.name(at)} cannot exceed {limit}")


@rule(GUIDE + "r_Numeric_types201.html")
def precisions(s, state):
    for at in range(len(s.tokens) - 2):
        if s.name(at) in ("numeric", "decimal") and s.word(at + 1) == "(" and s.word(at + 2).isdigit():
            if int(s.word(at + 2)) > 38:
                return Refusal("22023", f"NUMERIC precision {s.word(at + 2)} must be between 1 and 38")


@rule(GUIDE + "r_Character_types.html (an escape string is read as a type named e)")
def escape_strings(s, state):
    if any(t.token_type == TokenType.BYTE_STRING for t in s.tokens):
        return Refusal(UNDEFINED_OBJECT, 'type "e" does not exist')
