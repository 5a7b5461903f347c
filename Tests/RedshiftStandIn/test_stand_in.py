"""Tests of the stand-in by itself: what it refuses, what it takes, and how it breaks when told to.

    python test_stand_in.py            (in this folder; starts a private PostgreSQL)
"""

import re
import unittest
from pathlib import Path

from client import ServerError, connect, prepared
from local_s3 import LocalS3
from stand_in.login import Users
from stand_in.postgres import PrivatePostgres
from stand_in.server import StandIn
from stand_in.wire import Closed

HERE = Path(__file__).parent


def refused():
    """(code, message, source, way, statement) of refused.sql."""
    head = None
    for line in (HERE / "refused.sql").read_text().splitlines():
        if line.startswith("-- ") and " | " in line:
            parts = [p.strip() for p in line[3:].split(" | ")]
            head = (parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else "")
        elif line and not line.startswith("--"):
            yield (*head, line.rstrip(";"))


def accepted():
    """(statement, rows or None) of accepted.sql."""
    found = []
    for line in (HERE / "accepted.sql").read_text().splitlines():
        if line.startswith("-- ->") and found:
            values = line[5:].split(" ; ")[0]
            found[-1][1] = [r.strip() for r in values.split(" / ")]
        elif line and not line.startswith("--"):
            found.append([line.rstrip(";"), None])
    return found


class StandInTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = PrivatePostgres()
        cls.server = StandIn(cls.postgres.address).start()
        connection = connect(cls.server.port)
        cls.failures = []
        for sql, expected in accepted():
            try:
                answer = ["|".join("~" if v is None else v for v in row) for row in connection.run(sql)]
                if expected is not None and answer != expected:
                    cls.failures.append(f"{sql}\n    expected {expected}\n    got      {answer}")
            except (ServerError, Closed) as error:
                cls.failures.append(f"{sql}\n    {error}")
        connection.close()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.postgres.stop()

    def test_takes_what_redshift_takes(self):
        self.assertEqual(self.failures, [], "\n" + "\n".join(self.failures))

    def test_refuses_what_redshift_refuses(self):
        cases = list(refused())
        self.assertGreaterEqual(len(cases), 80)
        connection, wrong = connect(self.server.port), []
        for code, message, source, way, sql in cases:
            self.assertTrue(source, sql)
            runs = [connection.run] if way else [connection.run, lambda s: prepared(connection, s)]
            for run in runs:
                if way == "transaction":
                    connection.run("begin")
                    if sql.startswith("rollback to"):
                        connection.run("select 1")
                try:
                    run("select 1; " + sql if way == "string" else sql)
                    wrong.append(f"taken: {sql}")
                    connection.run("rollback")
                except ServerError as error:
                    if error.fields["C"] != code or message not in error.fields["M"]:
                        wrong.append(f"{sql}\n    expected {code} {message}\n    got      {error}")
                if way == "transaction":
                    if connection.status != "E":
                        wrong.append(f"the transaction goes on: {sql}")
                    connection.run("rollback")
                elif connection.status != "I":
                    wrong.append(f"a transaction is left: {sql}")
                    connection.run("rollback")
        connection.close()
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def test_both_protocols_agree(self):
        connection = connect(self.server.port)
        for sql in ("select version()", "select nvl(null, 'x') as a", "show query_group"):
            self.assertEqual(connection.run(sql), prepared(connection, sql))
        self.assertIn("Redshift 1.0", connection.run("select version()")[0][0])
        self.assertEqual(connection.parameters["server_version"], "8.0.2")
        connection.close()

    def test_faults(self):
        control, victim = connect(self.server.port), connect(self.server.port)
        control.run("create table faults (n int)")
        for kind, message in (("serialization", "1023"), ("dropped", "dropped by concurrent transaction"), ("oid", "OID")):
            control.run(f"select standin_fault('{kind}', 1, 'insert into faults')")
            with self.assertRaisesRegex(ServerError, message):
                victim.run("begin; insert into faults values (1); commit")
            self.assertEqual(victim.status, "E")
            victim.run("rollback")
            victim.run("insert into faults values (1)")
        control.run("select standin_fault('disconnect', 1, 'into faults')")
        with self.assertRaises(Closed):
            victim.run("insert into faults values (2)")
        victim = connect(self.server.port)
        control.run("select standin_fault('disconnect-late', 1, 'into faults')")
        with self.assertRaises(Closed):
            victim.run("insert into faults values (3)")
        self.assertEqual(control.run("select count(*) from faults where n = 2"), [["0"]])
        self.assertEqual(control.run("select count(*) from faults where n = 3"), [["1"]])
        control.run("select standin_fault('expired', 1, 'postgres')")
        with self.assertRaisesRegex(ServerError, "28000"):
            connect(self.server.port)
        connect(self.server.port).close()
        victim.close()
        control.close()

    def test_logins(self):
        users = Users([("IAM:postgres", "secret")])
        guarded = StandIn(self.postgres.address, method="password", users=users).start()
        connect(guarded.port, user="IAM:postgres", password="secret").close()
        for name, password in (("IAM:postgres", "wrong"), ("postgres", "secret")):
            with self.assertRaisesRegex(ServerError, "password authentication failed"):
                connect(guarded.port, user=name, password=password)
        users.add("IAM:postgres", "secret", seconds=-1)
        with self.assertRaisesRegex(ServerError, "password authentication failed"):
            connect(guarded.port, user="IAM:postgres", password="secret")
        guarded.stop()

    def test_loading_and_unloading(self):
        s3 = LocalS3()
        server = StandIn(self.postgres.address, s3=s3.address).start()
        connection = connect(server.port)
        s3.objects["lake/in/a.csv"] = 'id,name\n1,"Cho, Li"\n2,\n'.encode()
        s3.objects["lake/in/b.csv"] = "id,name\n3,Béla\n".encode()
        s3.objects["lake/rows.json"] = b'{"id": 4, "name": "Ada"}\n{"name": null, "id": 5}\n'
        connection.run("create table loaded (id int, name varchar(10))")
        role = "iam_role 'arn:aws:iam::123456789012:role/load'"
        connection.run(f"copy loaded from 's3://lake/in/' {role} csv ignoreheader 1")
        prepared(connection, f"copy loaded (id, name) from 's3://lake/rows.json' {role} format as json 'auto'")
        rows = [["1", "Cho, Li"], ["2", None], ["3", "Béla"], ["4", "Ada"], ["5", None]]
        self.assertEqual(connection.run("select id, name from loaded order by id"), rows)
        connection.run(f"unload ('select id, name from loaded where id < 3 order by id') to 's3://lake/out/part_' {role} csv header")
        self.assertEqual(s3.objects["lake/out/part_0000_part_00"], b'id,name\n1,"Cho, Li"\n2,\n')
        with self.assertRaisesRegex(ServerError, "does not exist"):
            connection.run(f"copy loaded from 's3://lake/nothing' {role} csv")
        connection.run("begin")
        s3.objects["lake/long.csv"] = b"6,much too long a name\n"
        with self.assertRaisesRegex(ServerError, "22001"):
            connection.run(f"copy loaded from 's3://lake/long.csv' {role} csv")
        self.assertEqual(connection.status, "E")
        connection.run("rollback")
        connection.close()
        server.stop()
        s3.stop()

    def test_every_rule_names_its_source(self):
        from stand_in.rules import RULES

        for rule in RULES:
            self.assertTrue(re.search(r"https://|dbt-redshift|docs\.getdbt", rule.source), rule.__name__)


if __name__ == "__main__":
    unittest.main()
