"""Limits of SELECT, read from the syntax tree."""

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.errors import SqlglotError

from .refusal import GUIDE, NOT_SUPPORTED, SYNTAX_ERROR, Refusal, rule, syntax_error

SELECT = GUIDE + "r_SELECT_synopsis.html"
WINDOWS = GUIDE + "c_Window_functions.html"
FRAMELESS = "Aggregate window functions with an ORDER BY clause require a frame clause"
FRAMED = (exp.AggFunc, exp.FirstValue, exp.LastValue, exp.NthValue)
RANKING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead)


def every(s, kind):
    return s.tree.find_all(kind) if s.tree is not None else ()


def any_of(s, kind):
    return next(iter(every(s, kind)), None)


@rule(GUIDE + "r_SELECT_list.html")
def distinct_on(s, state):
    if any(d.args.get("on") for d in every(s, exp.Distinct)):
        return Refusal(NOT_SUPPORTED, "SELECT DISTINCT ON is not supported")


@rule(GUIDE + "r_SELECT_list.html (an expression or *; PostgreSQL takes an empty list from 9.4 on)")
def empty_lists(s, state):
    for select in every(s, exp.Select):
        if not select.expressions:
            return syntax_error("from")


@rule(GUIDE + "c_Aggregate_Functions.html (no FILTER in any of them)")
def filtered_aggregates(s, state):
    if any_of(s, exp.Filter):
        return syntax_error("(")


@rule(GUIDE + "r_FROM_clause30.html")
def samples(s, state):
    if s.holds("tablesample"):
        return syntax_error("tablesample")


@rule(GUIDE + "r_FROM_clause30.html")
def from_items(s, state):
    if any_of(s, exp.Lateral):
        return syntax_error("lateral")
    for values in every(s, exp.Values):
        if not isinstance(values.parent, (exp.Insert, exp.When)):
            return syntax_error("values")


@rule(GUIDE + "r_comparison_condition.html (no such operator)")
def distinct_from(s, state):
    if any_of(s, exp.NullSafeEQ) or any_of(s, exp.NullSafeNEQ):
        return syntax_error("distinct")


@rule(GUIDE + "r_Boolean_type.html (IS TRUE and its kin only as a predicate in WHERE)")
def boolean_tests(s, state):
    for select in every(s, exp.Select):
        for item in select.expressions:
            for test in item.find_all(exp.Is):
                if isinstance(test.expression, exp.Boolean) and test.find_ancestor(exp.Select) is select:
                    return Refusal("XX000", "Assert")


@rule(SELECT)
def clauses(s, state):
    for select in every(s, exp.Select):
        if select.args.get("windows"):
            return syntax_error("window")
        if select.args.get("locks"):
            lock = select.args["locks"][0]
            return Refusal(NOT_SUPPORTED, f"SELECT FOR {'UPDATE' if lock.args.get('update') else 'SHARE'} is not supported")
        if isinstance(select.args.get("limit"), exp.Fetch):
            return syntax_error("fetch")


@rule(GUIDE + "r_WITH_clause.html")
def common_table_expressions(s, state):
    for clause in every(s, exp.With):
        for cte in clause.expressions:
            if cte.args.get("materialized") is not None:
                return syntax_error("materialized")
            if isinstance(cte.this, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
                return syntax_error(cte.this.key)
            named = cte.args["alias"].args.get("columns")
            reads = {t.name.lower() for t in cte.this.find_all(exp.Table)}
            if clause.args.get("recursive") and cte.alias.lower() in reads and not named:
                return Refusal(SYNTAX_ERROR, f'recursive common table expression "{cte.alias}" must name its columns')


@rule(WINDOWS)
def windows(s, state):
    for window in every(s, exp.Window):
        if isinstance(window.parent, exp.Select) and window.arg_key == "windows":
            continue
        spec = window.args.get("spec")
        kind = (spec.args.get("kind") or "").lower() if spec is not None else ""
        if kind in ("range", "groups"):
            return syntax_error(kind)
        if spec is not None and spec.args.get("exclude"):
            return syntax_error("exclude")
        function = window.this
        while isinstance(function, (exp.IgnoreNulls, exp.RespectNulls)):
            function = function.this
        if function.find(exp.Distinct):
            return Refusal(NOT_SUPPORTED, "DISTINCT is not implemented for window functions")
        if spec is None and window.args.get("order") and isinstance(function, FRAMED) and not isinstance(function, RANKING):
            return Refusal(SYNTAX_ERROR, FRAMELESS)


@rule(GUIDE + "r_correlated_subqueries.html")
def correlated_limits(s, state):
    if s.tree is None or not (any_of(s, exp.Limit) and any_of(s, exp.Subquery) or any_of(s, exp.Exists)):
        return None
    try:
        scopes = traverse_scope(s.tree) if isinstance(s.tree, exp.Query) else []
    except SqlglotError:
        return None
    for scope in scopes:
        if not scope.is_subquery or not isinstance(scope.expression, exp.Select) or not scope.external_columns:
            continue
        own = {name.lower() for name in scope.sources}
        outer = [c for c in scope.external_columns if c.table and c.table.lower() not in own]
        if outer and scope.expression.args.get("limit"):
            return Refusal(NOT_SUPPORTED, "This type of correlated subquery pattern is not supported due to internal error")


@rule(GUIDE + "c_unsupported-postgresql-datatypes.html")
def arrays(s, state):
    for array in every(s, exp.Array):
        if array.args.get("bracket_notation"):
            return syntax_error("[")
