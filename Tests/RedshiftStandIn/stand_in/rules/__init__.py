"""What Redshift refuses, a file a theme. A rule takes a statement and the session's state and gives a Refusal or None."""

# In this order rules are asked: grammar before names.
from . import queries, data, definitions, transactions, types, catalogue, functions  # noqa: F401
from .refusal import RULES, Refusal, State

__all__ = ["Refusal", "State", "refusal_of", "RULES"]


def refusal_of(statement, state):
    """The first refusal that any rule finds; None when Redshift would take the statement as far as is known."""
    for rule in RULES:
        found = rule(statement, state)
        if found is not None:
            found.source = found.source or rule.source
            return found
    return None
