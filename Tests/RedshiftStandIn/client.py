"""A small client for the tests, in both protocols."""

import struct

from stand_in.backend import Backend, ServerError
from stand_in.wire import error_fields, rows, text

__all__ = ["connect", "ServerError", "prepared"]


def connect(port, user="postgres", database="dev", password=None):
    return Backend(("127.0.0.1", port), user, database, password=password)


def prepared(connection, sql):
    """The rows of a statement sent by Parse, Bind and Execute, as drivers do."""
    wire = connection.wire
    wire.write(b"P", text("") + text(sql) + struct.pack("!h", 0))
    wire.write(b"B", text("") + text("") + struct.pack("!hhh", 0, 0, 0))
    wire.write(b"D", b"P" + text(""))
    wire.write(b"E", text("") + struct.pack("!i", 0))
    wire.write(b"S")
    wire.flush()
    found, failure = [], None
    while True:
        kind, body = wire.read()
        if kind == b"D":
            found.append(rows(body))
        elif kind == b"E":
            failure = ServerError(error_fields(body))
        elif kind == b"Z":
            connection.status = body.decode()
            if failure:
                raise failure
            return found
