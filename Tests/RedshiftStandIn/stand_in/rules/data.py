"""INSERT, UPDATE, DELETE, MERGE, COPY, TRUNCATE and LOCK."""

from sqlglot import exp
from sqlglot.tokens import TokenType

from .refusal import GUIDE, NOT_SUPPORTED, SYNTAX_ERROR, Refusal, rule, syntax_error


def returning(s):
    return bool(s.top_level("returning"))


@rule(GUIDE + "r_INSERT_30.html")
def insert(s, state):
    if not isinstance(s.tree, exp.Insert) and not s.begins("insert"):
        return None
    if s.words[0] == "with":
        return syntax_error("insert")
    if s.holds("on", "conflict"):
        return syntax_error("on")
    if returning(s):
        return syntax_error("returning")
    if s.top_level("overriding"):
        return syntax_error("overriding")
    _, after = s.qualified_name(2)
    if s.word(after) == "as":
        return syntax_error("as")


@rule(GUIDE + "r_UPDATE.html")
def update(s, state):
    if not isinstance(s.tree, exp.Update) and not s.begins("update"):
        return None
    if returning(s):
        return syntax_error("returning")
    at = s.top_level("set")
    if at and s.tokens[at[0] + 1].token_type == TokenType.L_PAREN:
        return syntax_error("(")
    tree = s.tree
    source = tree.args.get("from_") if tree is not None else None
    if source is not None:
        target = tree.this.alias_or_name.lower()
        joins = source.this.args.get("joins") or []
        names = [source.this.alias_or_name.lower()] + [j.this.alias_or_name.lower() for j in joins]
        if any(j.side in ("LEFT", "RIGHT", "FULL") for j in joins):
            return Refusal(NOT_SUPPORTED, "Target table must be part of an equijoin predicate")
        where = tree.args.get("where")
        if not names or not (where and joined(where.this, target)):
            return Refusal(NOT_SUPPORTED, "Target table must be part of an equijoin predicate")


def joined(condition, target):
    """Whether a condition holds an equation between the target and something else."""
    for equation in condition.find_all(exp.EQ):
        sides = [{c.table.lower() for c in side.find_all(exp.Column)} for side in (equation.left, equation.right)]
        if sides[0] != sides[1] and (target in sides[0] or target in sides[1] or "" in sides[0] | sides[1]):
            return True
    return False


@rule(GUIDE + "r_DELETE.html")
def delete(s, state):
    if not isinstance(s.tree, exp.Delete) and not s.begins("delete"):
        return None
    if returning(s):
        return syntax_error("returning")
    at = s.find("delete")
    at += 2 if s.word(at + 1) == "from" else 1
    _, after = s.qualified_name(at)
    if after < len(s.tokens) and s.word(after) not in ("using", "where"):
        return syntax_error(s.word(after) or s.name(after))


@rule(GUIDE + "r_MERGE.html")
def merge(s, state):
    if s.words[0] == "with" and s.tree is not None and isinstance(s.tree, exp.Merge):
        return syntax_error("merge")
    if not s.begins("merge"):
        return None
    _, after = s.qualified_name(2)
    if s.word(after) != "using":
        return syntax_error(s.word(after) or s.name(after))
    if s.tokens[after + 1].token_type == TokenType.L_PAREN:
        return Refusal(NOT_SUPPORTED, "MERGE takes a table as its source, not a subquery")
    if returning(s):
        return syntax_error("returning")
    if s.holds("remove", "duplicates"):
        return None
    whens = s.top_level("when")
    matched, unmatched = 0, 0
    for at in whens:
        negated = s.word(at + 1) == "not"
        then = at + (3 if negated else 2)
        if s.word(then) == "and":
            return syntax_error("and")
        if s.word(then) == "by":
            return syntax_error("by")
        if s.word(then + 1) == "do":
            return syntax_error("do")
        if negated:
            unmatched += 1
        else:
            matched += 1
            if unmatched:
                return syntax_error("when")
    if matched != 1 or unmatched != 1:
        # dbt's strategy without a unique key leaves the first one out, so one of them alone is let through.
        if matched + unmatched != 1 or matched:
            return Refusal(SYNTAX_ERROR, "MERGE takes exactly one WHEN MATCHED and one WHEN NOT MATCHED clause")


@rule(GUIDE + "c_Loading_data.html; copy-parameters-data-source.html")
def copy(s, state):
    if not s.begins("copy"):
        return None
    if s.word(1) == "(":
        return syntax_error("(")
    if s.top_level("to"):
        return syntax_error("to")
    at = s.top_level("from")
    source = s.tokens[at[0] + 1] if at else None
    if source is None:
        return syntax_error("copy")
    if source.token_type != TokenType.STRING or not source.text.startswith(("s3://", "emr://", "ssh://", "dynamodb://")):
        return Refusal(
            NOT_SUPPORTED, "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)")
    if not any(s.holds(w) for w in ("iam_role", "credentials", "access_key_id", "authorization", "session_token")):
        return Refusal(NOT_SUPPORTED, "COPY needs an IAM role or other credentials")


@rule(GUIDE + "r_TRUNCATE.html")
def truncate(s, state):
    if not s.begins("truncate"):
        return None
    at = 2 if s.word(1) == "table" else 1
    if s.word(at) == "only":
        return syntax_error("only")
    _, after = s.qualified_name(at)
    if after < len(s.tokens):
        return syntax_error(s.word(after))


@rule(GUIDE + "r_LOCK.html")
def lock(s, state):
    if s.begins("lock"):
        for word in ("in", "nowait"):
            if s.top_level(word):
                return syntax_error(word)


@rule("https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html (16 MB a statement)")
def length(s, state):
    size = len(s.text.encode())
    if size > 16 << 20:
        return Refusal("54001", f"Statement is too large. Statement Size: {size} bytes. Maximum Allowed: {16 << 20} bytes")
