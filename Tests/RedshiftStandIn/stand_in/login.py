"""The beginning of a connection: TLS, the startup message, and the ways of proving who one is."""

import hashlib
import os
import ssl
import struct
import subprocess
import time

from .wire import CANCEL_REQUEST, GSS_REQUEST, SSL_REQUEST, Closed, Wire, error_body, strings, text

#: redshift_connector/core.py, handle_AUTHENTICATION_REQUEST: 13 is a digest with a nonce.
METHODS = ("trust", "password", "md5", "digest")


class Refused(Exception):
    """The login failed; the client has been told."""


class Users:
    """Who may come in. A password may end: what IAM gives is good for a quarter of an hour."""

    def __init__(self, pairs=()):
        self.known = {}
        for name, password in pairs:
            self.add(name, password)

    def add(self, name, password, seconds=None):
        self.known[name] = (password, None if seconds is None else time.time() + seconds)

    def expire(self):
        """Ends all passwords that would have ended some time."""
        self.known = {name: entry for name, entry in self.known.items() if entry[1] is None}

    def password(self, name):
        password, until = self.known.get(name, (None, None))
        if until is not None and time.time() > until:
            return None
        return password


def make_certificate(folder):
    """A certificate for this machine and its key, as `StandIn` takes them; the certificate is its own authority."""
    made = (f"{folder}/certificate.pem", f"{folder}/key.pem")
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "rsa:2048", "-subj", "/CN=127.0.0.1",
                    "-out", made[0], "-keyout", made[1]], check=True, capture_output=True)
    return made


def greet(sock, certificate):
    """Handles TLS and reads the startup message: (wire, parameters), or (wire, key) of a request to cancel."""
    wire = Wire(sock)
    while True:
        body = wire.read_untyped()
        (code,) = struct.unpack("!i", body[:4])
        if code == SSL_REQUEST:
            if certificate is None:
                sock.sendall(b"N")
                continue
            sock.sendall(b"S")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            try:
                sock = context.wrap_socket(sock, server_side=True)
            except (ssl.SSLError, OSError) as error:
                raise Closed(str(error))
            wire = Wire(sock)
        elif code == GSS_REQUEST:
            sock.sendall(b"N")
        elif code == CANCEL_REQUEST:
            return wire, body[4:]
        else:
            words = strings(body[4:])
            return wire, dict(zip(words[0::2], words[1::2]))


def prove(wire, parameters, method, users):
    """Asks for a password in one of Redshift's ways. Raises Refused."""
    user = parameters.get("user", "")
    if method == "trust":
        return
    expected = users.password(user)
    if method == "password":
        wire.write(b"R", struct.pack("!i", 3))
        right = (expected or "").encode() + b"\0"
        given = answer(wire, b"p")
    elif method == "md5":
        salt = os.urandom(4)
        wire.write(b"R", struct.pack("!i", 5) + salt)
        inner = hashlib.md5(((expected or "") + user).encode()).hexdigest()
        right = b"md5" + hashlib.md5(inner.encode() + salt).hexdigest().encode() + b"\0"
        given = answer(wire, b"p")
    else:
        salt, nonce = os.urandom(16), os.urandom(16)
        wire.write(b"R", struct.pack("!iii", 13, 0, len(salt)) + salt + struct.pack("!i", len(nonce)) + nonce)
        body = answer(wire, b"d")
        (length,) = struct.unpack("!i", body[:4])
        given, rest = body[4 : 4 + length], body[4 + length :]
        own = rest[4:]
        inner = hashlib.sha256((expected or "").encode() + salt).digest()
        right = hashlib.sha256(inner + nonce + own).digest()
    if expected is None or given != right:
        refuse(wire, user)


def answer(wire, wanted):
    wire.flush()
    kind, body = wire.read()
    if kind != wanted:
        raise Closed(f"a message {kind!r} instead of a password")
    return body


def refuse(wire, user):
    wire.write(b"E", error_body("28000", f'password authentication failed for user "{user}"', severity="FATAL"))
    wire.flush()
    raise Refused(user)


def welcome(wire, backend, version):
    """What the server tells of itself once the client is in."""
    wire.write(b"R", struct.pack("!i", 0))
    told = {
        "server_version": version, "server_encoding": "UNICODE", "client_encoding": "UTF8", "DateStyle": "ISO, MDY",
        "TimeZone": "UTC", "integer_datetimes": "on", "is_superuser": "on",
        "session_authorization": backend.parameters.get("session_authorization", ""), "datashare_enabled": "off",
    }
    for name, value in told.items():
        wire.write(b"S", text(name) + text(value))
    wire.write(b"K", backend.key)
    wire.write(b"Z", b"I")
    wire.flush()
