"""Messages of the PostgreSQL protocol, version 3, and the socket that carries them."""

import socket
import struct

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
PROTOCOL_3 = 196608


class Closed(Exception):
    """The other side is gone."""


class Wire:
    """A socket that reads and writes whole messages; writes wait for `flush`."""

    def __init__(self, sock):
        self.sock = sock
        self.out = bytearray()
        self.buffered = b""
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            pass  # a Unix socket has no such option

    def read_exactly(self, count):
        while len(self.buffered) < count:
            try:
                piece = self.sock.recv(max(65536, count - len(self.buffered)))
            except OSError as error:
                raise Closed(str(error))
            if not piece:
                raise Closed("end of stream")
            self.buffered += piece
        found, self.buffered = self.buffered[:count], self.buffered[count:]
        return found

    def read_untyped(self):
        """The first message of a connection, which has no type byte."""
        (length,) = struct.unpack("!i", self.read_exactly(4))
        return self.read_exactly(length - 4)

    def read(self):
        kind, length = struct.unpack("!ci", self.read_exactly(5))
        return kind, self.read_exactly(length - 4)

    def write(self, kind, body=b""):
        self.out += kind + struct.pack("!i", len(body) + 4) + body
        if len(self.out) > 1 << 16:
            self.flush()

    def write_raw(self, data):
        self.out += data

    def flush(self):
        if not self.out:
            return
        try:
            self.sock.sendall(bytes(self.out))
        except OSError as error:
            raise Closed(str(error))
        finally:
            self.out.clear()

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass


def text(value):
    return value.encode() + b"\0"


def strings(body):
    """The zero-ended strings of a message."""
    return [part.decode() for part in body.split(b"\0")]


def error_fields(body):
    """An ErrorResponse or NoticeResponse as a dictionary of its one-letter fields."""
    return {part[:1].decode(): part[1:].decode(errors="replace") for part in body.split(b"\0") if part}


def error_body(code, message, detail="", hint="", severity="ERROR", position=""):
    fields = {"S": severity, "V": severity, "C": code, "M": message, "D": detail, "H": hint, "P": position}
    return b"".join(k.encode() + text(v) for k, v in fields.items() if v) + b"\0"


def rows(body):
    """The values of a DataRow as text; None for NULL."""
    (count,) = struct.unpack("!h", body[:2])
    values, at = [], 2
    for _ in range(count):
        (length,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        if length < 0:
            values.append(None)
        else:
            values.append(body[at : at + length].decode(errors="replace"))
            at += length
    return values


def row_description(names):
    """A RowDescription of text columns."""
    body = struct.pack("!h", len(names))
    for name in names:
        body += text(name) + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0)
    return body
