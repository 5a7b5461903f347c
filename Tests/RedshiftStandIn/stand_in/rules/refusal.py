"""The answer of a rule, and the register of rules."""

from dataclasses import dataclass, field

GUIDE = "https://docs.aws.amazon.com/redshift/latest/dg/"
UNSUPPORTED_FEATURES = GUIDE + "c_unsupported-postgresql-features.html"
DIFFERENCES = GUIDE + "c_redshift-sql-implementated-differently.html"
DBT = "dbt-redshift 1.11.1, include/redshift/macros/"

SYNTAX_ERROR = "42601"
NOT_SUPPORTED = "0A000"
UNDEFINED_FUNCTION = "42883"
UNDEFINED_OBJECT = "42704"
UNDEFINED_TABLE = "42P01"
UNDEFINED_COLUMN = "42703"
ACTIVE_TRANSACTION = "25001"
CANNOT_CAST = "42846"

RULES = []


@dataclass
class Refusal:
    code: str
    message: str
    detail: str = ""
    source: str = ""


@dataclass
class State:
    """What rules know of the session and the database."""

    in_transaction: bool = False
    #: More than one statement came in one string, which Redshift runs as one transaction.
    in_string: bool = False
    #: Names of functions that users made, in lower case.
    user_functions: set = field(default_factory=set)
    #: (schema, name) of views without schema binding and of materialized views.
    late_binding_views: set = field(default_factory=set)
    materialized_views: set = field(default_factory=set)


def rule(source):
    """Registers a rule; `source` is where it is written that Redshift has this limit."""

    def register(function):
        function.source = source
        RULES.append(function)
        return function

    return register


def syntax_error(word):
    return Refusal(SYNTAX_ERROR, f'syntax error at or near "{word}"')


def unsupported_command(statement):
    """The message that Redshift has for commands of PostgreSQL that it knows and does not carry out."""
    words = " ".join(statement.text.split())
    return Refusal(NOT_SUPPORTED, f'SQL command "{words}" not supported on Redshift tables.')
