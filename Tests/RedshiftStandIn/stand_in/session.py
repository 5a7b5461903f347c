"""One client's session: its statements are looked at, refused or rewritten, and carried out by PostgreSQL."""

import struct
import threading

from . import loading
from .backend import ServerError
from .faults import ERRORS
from .rewriting import quoted, rewrite
from .rules import Refusal, State, refusal_of
from .statement import split
from .wire import Closed, error_body, error_fields, text

#: Settings that the stand-in tells itself, or that Redshift does not tell.
UNTOLD = {"server_version", "server_encoding", "in_hot_standby", "default_transaction_read_only", "scram_iterations", "search_path",
          "standard_conforming_strings"}


class Prepared:
    """A statement that was looked at: what PostgreSQL gets, or why it does not."""

    def __init__(self, statement, rewritten=None, refusal=None):
        self.statement = statement
        self.rewritten = rewritten
        self.refusal = refusal


class Session:
    def __init__(self, server, client, backend):
        self.server, self.client, self.backend = server, client, backend
        self.statements, self.portals, self.batch = {}, {}, []
        self.executing = None

    def serve(self):
        while True:
            kind, body = self.client.read()
            if kind == b"X":
                return
            if kind == b"Q":
                self.simple(body[:-1].decode())
            elif kind in (b"d", b"c", b"f"):
                continue  # the end of a COPY that was refused
            else:
                # Drivers send Flush right before Sync: nothing is answered before Sync.
                self.batch.append((kind, body))
                if kind == b"S":
                    batch, self.batch = self.batch, []
                    self.extended(batch)
            self.client.flush()

    # MARK: Statements

    def prepare(self, statement, in_string=False):
        if statement.begins("comment", "on", "column") or statement.begins("alter", "table"):
            self.look()
        state = State(
            in_transaction=self.backend.status != "I" and not in_string, in_string=in_string,
            user_functions=self.server.functions, late_binding_views=self.server.late_views,
            materialized_views=self.server.materialized)
        refusal = refusal_of(statement, state)
        if refusal is not None:
            return Prepared(statement, refusal=refusal)
        return Prepared(statement, rewrite(statement, self.schema(statement)))

    def look(self):
        """Which views are unbound or materialized, for the rules that ask."""
        if self.backend.status == "E":
            return
        for known, table in ((self.server.late_views, "late_views"), (self.server.materialized, "materialized_views")):
            found = {tuple(row) for row in self.backend.run(f"select schema_name, view_name from redshift.{table}")}
            known.clear()
            known.update(found)

    def schema(self, statement):
        """Where a name without a schema is made; only statements about views ask."""
        if statement.words[0] in ("create", "drop", "refresh", "alter") and statement.holds("view"):
            try:
                return self.backend.run("select current_schema()")[0][0] or "public"
            except ServerError:
                return "public"
        return "public"

    def begin(self, prepared):
        """What happens before a statement: faults, loads, side statements. Raises ServerError."""
        orders = prepared.rewritten is not None and prepared.rewritten.local[:1] == ("fault",)
        kind = None if orders else self.server.faults.take(prepared.statement.text)
        if kind in ERRORS:
            raise self.raised(*ERRORS[kind])
        if kind in ("hang", "hang-deaf"):
            self.hang(kind == "hang-deaf")
        if kind == "expire":
            self.server.users.expire()
        if kind in ("disconnect", "expire"):
            raise Closed("a fault that was asked for")
        self.late_fault = kind
        if prepared.refusal is not None:
            r = prepared.refusal
            self.server.note(f"refused {r.code} {r.message} [{r.source}]: {' '.join(prepared.statement.text.split())[:300]}")
            raise self.raised(r.code, r.message, r.detail)
        self.take_turn(prepared.statement)
        made = prepared.rewritten
        for sql in made.before:
            self.backend.run(sql)
        if made.local:
            self.carry_out(made)
        if made.learns:
            self.server.learn(made.learns)

    def take_turn(self, statement):
        """Of two transactions that drop with CASCADE at once one fails, where the stand-in was told to be as strict."""
        if not self.server.strict_drops or not statement.begins("drop") or not statement.holds("cascade"):
            return
        with self.server.lock:
            others = self.server.dropping - {self}
            if not others:
                self.server.dropping.add(self)
                return
            self.server.drop_conflicts += 1
        raise self.raised(*ERRORS["dropped"])

    def hang(self, is_deaf):
        """Does not answer before the statement is cancelled or the session ended from elsewhere."""
        cancelled = threading.Event()
        if not is_deaf:
            self.server.hanging[self.backend.key] = cancelled
        while not cancelled.wait(0.02):
            if self.backend.has_ended():
                raise Closed("the session was ended")
        self.server.cancelled += 1
        raise self.raised("57014", "Query cancelled on user's request", "")

    def carry_out(self, made):
        work, argument = made.local[0], made.local[1]
        try:
            if work == "copy":
                loading.copy(argument, self.backend, self.server.bucket)
            elif work == "unload":
                loading.unload(argument, self.backend, self.server.bucket, lambda q: rewrite(split(q)[0]).sql)
            elif work == "fault":
                self.server.faults.order(*made.local[1:])
        except ServerError as error:
            if self.backend.status == "T":
                self.raised(error.fields.get("C", "XX000"), error.fields.get("M", ""), "")
            raise

    def raised(self, code, message, detail):
        """The error, which also ends the transaction that is open in PostgreSQL."""
        try:
            self.backend.run(f"select redshift.raise({quoted(code)}, {quoted(message)}, {quoted(detail)})")
        except ServerError as error:
            if error.fields.get("C") == "25P02":
                return error
        return ServerError({"S": "ERROR", "C": code, "M": message, "D": detail})

    def end(self, prepared):
        if prepared.rewritten and prepared.rewritten.commits and self.backend.status == "T":
            self.backend.run("commit")
            self.implicit = False
        if self.late_fault == "disconnect-late":
            raise Closed("a fault that was asked for")

    # MARK: Simple queries

    def simple(self, sql):
        try:
            statements = split(sql)
        except Exception as error:  # the tokenizer's own errors: an open quote
            self.fail(ServerError({"S": "ERROR", "C": "42601", "M": f"unterminated text: {error}"}))
            return self.ready()
        if not statements:
            self.client.write(b"I")
            return self.ready()
        several = len(statements) > 1
        self.implicit = False
        for statement in statements:
            if several and self.backend.status == "I" and statement.words[0] not in ("begin", "start"):
                self.backend.run("begin")
                self.implicit = True
            prepared = self.prepare(statement, in_string=several)
            try:
                self.begin(prepared)
                self.forward(prepared)
                self.end(prepared)
            except ServerError as error:
                self.fail(error, prepared)
                if self.implicit:
                    self.backend.run("rollback")
                return self.ready()
            if statement.words[0] in ("commit", "end", "rollback", "abort"):
                self.implicit = False
        if self.implicit and self.backend.status == "T":
            try:
                self.backend.run("commit")
            except ServerError as error:
                self.fail(error)
        self.ready()

    def forward(self, prepared):
        """Sends one statement and passes its answer on, except for ReadyForQuery. Raises ServerError."""
        self.backend.wire.write(b"Q", text(prepared.rewritten.sql))
        self.backend.wire.flush()
        self.relay([prepared])

    def relay(self, executed):
        """Passes answers on until PostgreSQL is ready. Raises the first error instead of writing it."""
        failure, count, executed = None, 0, list(executed)
        while True:
            kind, body = self.backend.wire.read()
            if kind == b"Z":
                self.backend.status = body.decode()
                if failure:
                    raise failure
                return
            if kind == b"E":
                failure = failure or ServerError(error_fields(body))
            elif kind == b"S":
                name, value = body.split(b"\0")[:2]
                if name.decode() not in UNTOLD:
                    self.client.write(kind, body)
            elif kind == b"N":
                fields = error_fields(body)
                if fields.get("S") != "WARNING" or fields.get("C") not in ("25001",):
                    self.client.write(kind, body)
            elif kind == b"C":
                prepared = executed.pop(0) if executed else None
                tag = prepared.rewritten.tag if prepared else ""
                self.client.write(kind, text(tag) if tag else body)
            elif kind == b"G":
                self.backend.wire.write(b"f", text("no data"))
                self.backend.wire.flush()
            else:
                self.client.write(kind, body)

    # MARK: The extended protocol

    def extended(self, batch):
        """A row of messages up to Sync: looked at as a whole, then sent as a whole."""
        sent, executed, failure = [], [], None
        try:
            for kind, body in batch:
                if kind == b"P":
                    name, rest = body.split(b"\0", 1)
                    sql, rest = rest.split(b"\0", 1)
                    found = split(sql.decode()) if sql.strip() else []
                    if len(found) > 1:
                        raise self.raised("42601", "cannot insert multiple commands into a prepared statement", "")
                    prepared = self.prepare(found[0]) if found else None
                    self.statements[name] = prepared
                    if prepared is not None and prepared.refusal is not None:
                        self.begin(prepared)
                    sql = prepared.rewritten.sql.encode() if prepared else sql
                    body = name + b"\0" + sql + b"\0" + rest
                elif kind == b"B":
                    portal, rest = body.split(b"\0", 1)
                    self.portals[portal] = self.statements.get(rest.split(b"\0", 1)[0])
                elif kind == b"E":
                    prepared = self.portals.get(body.split(b"\0", 1)[0])
                    if prepared is not None:
                        self.begin(prepared)
                        executed.append(prepared)
                sent.append((kind, body))
        except ServerError as error:
            failure = error
        if failure is None:
            for kind, body in sent:
                self.backend.wire.write(kind, body)
            self.backend.wire.flush()
            try:
                self.relay(executed)
                for prepared in executed:
                    self.end(prepared)
            except ServerError as error:
                failure = error
                self.fail(error, executed[-1] if executed else None)
        else:
            self.fail(failure)
        self.ready()

    # MARK: Answers

    def fail(self, error, prepared=None):
        fields = dict(error.fields)
        code, message, detail = fields.get("C", "XX000"), fields.get("M", ""), fields.get("D", "")
        if code == "23514" and "bytes_of_" in message or code == "22001":
            code, message, detail = "22001", "Value too long for character type", message
        position = ""
        if fields.get("P") and prepared is not None and prepared.rewritten is not None and prepared.rewritten.edits is not None:
            position = str(prepared.rewritten.edits.original(int(fields["P"])))
        self.client.write(b"E", error_body(code, message, detail, fields.get("H", ""), fields.get("S", "ERROR"), position))
        if fields.get("S") in ("FATAL", "PANIC"):
            self.client.flush()
            raise Closed(message)

    def ready(self):
        if self.backend.status == "I":
            self.server.dropping.discard(self)
        self.client.write(b"Z", self.backend.status.encode())
