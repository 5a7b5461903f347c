"""The listening side: a thread for each client."""

import socket
import struct
import threading

from .backend import Backend, ServerError
from .faults import Faults
from .loading import Bucket
from .login import Refused, Users, greet, prove, refuse, welcome
from .postgres import install
from .session import Session
from .wire import Closed, error_body

REPORTED_VERSION = "8.0.2"


class StandIn:
    """Listens on a port of this machine and speaks as Redshift does, before a PostgreSQL at `address`."""

    def __init__(self, address, user="postgres", database="dev", port=0, method="trust", users=None, certificate=None,
                 s3=None, journal=None, strict_drops=False):
        self.address, self.superuser, self.database = address, user, database
        self.method, self.users, self.certificate = method, users if users is not None else Users(), certificate
        self.faults, self.bucket = Faults(), Bucket(s3)
        self.functions, self.late_views, self.materialized = set(), set(), set()
        self.journal = journal
        #: Whether two transactions that drop with CASCADE get in each other's way; who is about to, and how often it happened.
        self.strict_drops, self.dropping, self.drop_conflicts = strict_drops, set(), 0
        self.lock = threading.Lock()
        #: Statements that wait for a request to cancel, by their sessions' keys, and how many had one.
        self.hanging, self.cancelled = {}, 0
        self.refusals = []
        install(address, user, database)
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]

    def learn(self, fact):
        kind, name = fact[0], fact[1:]
        if kind == "function":
            self.functions.add(name[0])

    def note(self, line):
        self.refusals.append(line)
        if self.journal:
            print(line, file=self.journal, flush=True)

    def start(self):
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def listen(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.attend, args=(sock,), daemon=True).start()

    def stop(self):
        self.listener.close()

    def attend(self, sock):
        client = backend = None
        try:
            client, words = greet(sock, self.certificate)
            if isinstance(words, bytes):
                return self.cancel(words)
            prove(client, words, self.method, self.users)
            user = words.get("user", "")
            if self.faults.take(user, kinds={"expired"}):
                refuse(client, user)
            try:
                kept = {k: words[k] for k in ("application_name",) if k in words}
                backend = Backend(self.address, user.split(":")[-1], words.get("database", self.database), kept)
            except ServerError as error:
                fields = error.fields
                client.write(b"E", error_body(fields["C"], fields["M"], severity="FATAL"))
                return client.flush()
            welcome(client, backend, REPORTED_VERSION)
            Session(self, client, backend).serve()
        except (Closed, Refused, ConnectionError):
            pass
        finally:
            with self.lock:
                self.dropping = {session for session in self.dropping if session.client is not client}
            for end in (backend, client):
                if end is not None:
                    end.close()
            sock.close()

    def cancel(self, key):
        if key in self.hanging:
            return self.hanging.pop(key).set()
        host, port = self.address
        sock = socket.socket(socket.AF_UNIX) if host.startswith("/") else socket.socket()
        sock.connect(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port))
        sock.sendall(struct.pack("!ii", 16, 80877102) + key)
        sock.close()
