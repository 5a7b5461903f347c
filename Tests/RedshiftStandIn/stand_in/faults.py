"""Faults that a test asks for: errors that Redshift gives now and then, and connections that break.

A test sends `select standin_fault('KIND', TIMES, 'REGULAR EXPRESSION')`; the next TIMES statements that match, on any
connection, meet the fault. Kinds:

    serialization   error 1023, before the statement is carried out; the transaction fails
    dropped         "table … dropped by concurrent transaction"
    oid             "could not open relation with OID"
    disconnect      the connection breaks before the statement is carried out
    disconnect-late the connection breaks after it, the answer is lost
    hang            the statement does not end before somebody asks the server to cancel it
    hang-deaf       the same, and requests to cancel go unheard: only pg_terminate_backend ends it
    expire          every password that was good for a while ends, and the connection breaks before the statement is carried out
    expired         the next TIMES logins are refused as with a token that ran out (the expression is for the user's name)
"""

import re
import threading

#: AWS re:Post, "How do I resolve the 1023 error in Amazon Redshift?"; dbt-redshift 1.11.1, connections.py, execute()
ERRORS = {
    "serialization": (
        "XX000", "1023",
        "Serializable isolation violation on table - 105423, transactions forming the cycle are: 1035, 1039 (pid:32211)"),
    "dropped": ("XX000", "table 105423 dropped by concurrent transaction", ""),
    "oid": ("XX000", "could not open relation with OID 105423", ""),
}
KINDS = set(ERRORS) | {"disconnect", "disconnect-late", "hang", "hang-deaf", "expire", "expired"}


class Faults:
    """The faults that are still to happen, for all connections of one stand-in."""

    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = []
        self.met = 0

    def order(self, kind, times, pattern):
        if kind not in KINDS:
            raise ValueError(f"no fault '{kind}'")
        with self.lock:
            self.waiting.append([kind, int(times), re.compile(pattern, re.I | re.S)])

    def take(self, text, kinds=None):
        """The kind of a fault that this statement (or login) meets now; None for none."""
        with self.lock:
            for entry in self.waiting:
                kind, times, pattern = entry
                if times > 0 and (kind in kinds if kinds else kind != "expired") and pattern.search(text):
                    entry[1] -= 1
                    self.met += 1
                    return kind
        return None
