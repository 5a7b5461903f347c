"""A connection to the PostgreSQL behind the stand-in."""

import select
import socket
import struct

from .wire import PROTOCOL_3, Closed, Wire, error_fields, rows, text


class ServerError(Exception):
    """What PostgreSQL answered instead of rows."""

    def __init__(self, fields):
        super().__init__(f"{fields.get('C')}: {fields.get('M')}")
        self.fields = fields


class Backend:
    """One session. `status` is the transaction's state: I idle, T in a transaction, E in a failed one."""

    def __init__(self, address, user, database, parameters=None, password=None):
        host, port = address
        if host.startswith("/"):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(f"{host}/.s.PGSQL.{port}")
        else:
            sock = socket.create_connection((host, port))
        self.socket = sock
        self.wire = Wire(sock)
        self.status = "I"
        self.parameters = {}
        self.key = b""
        words = {"user": user, "database": database, "client_encoding": "UTF8", **(parameters or {})}
        body = struct.pack("!i", PROTOCOL_3) + b"".join(text(k) + text(v) for k, v in words.items()) + b"\0"
        self.wire.write_raw(struct.pack("!i", len(body) + 4) + body)
        self.wire.flush()
        while True:
            kind, body = self.wire.read()
            if kind == b"E":
                raise ServerError(error_fields(body))
            if kind == b"R" and struct.unpack("!i", body[:4])[0] == 3 and password is not None:
                self.wire.write(b"p", text(password))
                self.wire.flush()
            elif kind == b"R" and struct.unpack("!i", body[:4])[0] != 0:
                raise Closed("the PostgreSQL behind the stand-in must trust it")
            elif kind == b"S":
                name, value = body.split(b"\0")[:2]
                self.parameters[name.decode()] = value.decode()
            elif kind == b"K":
                self.key = body
            elif kind == b"Z":
                return

    def has_ended(self):
        """Whether PostgreSQL has ended the session meanwhile, which is idle otherwise."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def run(self, sql):
        """Rows of a simple query, as text. Raises ServerError for the first error of it."""
        self.wire.write(b"Q", text(sql))
        self.wire.flush()
        found, failure = [], None
        while True:
            kind, body = self.wire.read()
            if kind == b"D":
                found.append(rows(body))
            elif kind == b"E":
                failure = failure or ServerError(error_fields(body))
            elif kind == b"G":
                self.wire.write(b"f", text("no data"))
                self.wire.flush()
            elif kind == b"Z":
                self.status = body.decode()
                if failure:
                    raise failure
                return found

    def copy_in(self, sql, chunks):
        """COPY … FROM STDIN with the bytes given; the number of rows."""
        self.wire.write(b"Q", text(sql))
        self.wire.flush()
        failure, count = None, 0
        while True:
            kind, body = self.wire.read()
            if kind == b"G":
                for chunk in chunks:
                    self.wire.write(b"d", chunk)
                self.wire.write(b"c")
                self.wire.flush()
            elif kind == b"E":
                failure = ServerError(error_fields(body))
            elif kind == b"C":
                count = int(body[:-1].split(b" ")[-1])
            elif kind == b"Z":
                self.status = body.decode()
                if failure:
                    raise failure
                return count

    def copy_out(self, sql):
        """The bytes of COPY … TO STDOUT."""
        self.wire.write(b"Q", text(sql))
        self.wire.flush()
        failure, found = None, bytearray()
        while True:
            kind, body = self.wire.read()
            if kind == b"d":
                found += body
            elif kind == b"E":
                failure = ServerError(error_fields(body))
            elif kind == b"Z":
                self.status = body.decode()
                if failure:
                    raise failure
                return bytes(found)

    def close(self):
        try:
            self.wire.write(b"X")
            self.wire.flush()
        except Closed:
            pass
        self.wire.close()
