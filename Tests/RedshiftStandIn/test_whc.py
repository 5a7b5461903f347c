"""whc builds Shop/ through the stand-in: nothing is refused, and what stands in the database then is what dbt-redshift makes.

    python test_whc.py PROGRAM

Shop.expected.json holds dbt-redshift's result; `make redshift-compare` writes it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from client import connect
from shop import EXPECTED, HERE, build, differences
from stand_in.backend import Backend
from stand_in.postgres import PrivatePostgres
from stand_in.server import StandIn

PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else "whc"


class ShopTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.postgres = PrivatePostgres()

    @classmethod
    def tearDownClass(cls):
        cls.postgres.stop()

    def check(self, outcome):
        self.assertEqual(outcome.failures, [], "\n".join(outcome.failures))
        self.assertEqual(outcome.refusals, [])
        found = differences(json.loads(EXPECTED.read_text()), outcome.relations)
        self.assertEqual(found, [], "expected and found:\n" + "\n".join(found))

    def test_result_is_that_of_dbt_redshift(self):
        server = StandIn(self.postgres.address, strict_drops=True)
        outcome = build(PROGRAM, self.postgres, server=server.start(), profile={"threads": 4})
        self.check(outcome)
        # Four connections, and no two of them dropped at once.
        self.assertEqual(server.drop_conflicts, 0)
        self.assertEqual(outcome.catalogue["late_customers"][0], "LATE BINDING VIEW")
        self.assertEqual(outcome.catalogue["totals_mv"][0], "MATERIALIZED VIEW")

    def test_conflicts_and_broken_connections_are_overcome(self):
        faults = [("serialization", 3, "insert into .*orders"), ("dropped", 1, "customer_totals"), ("oid", 1, "contracted"),
                  ("disconnect", 1, "create .*people"), ("disconnect", 1, "insert into .*customers")]
        outcome = build(PROGRAM, self.postgres, faults=faults)
        self.check(outcome)
        self.assertGreater(outcome.met, 6)

    def test_external_schemas_and_shared_databases_are_described(self):
        server = StandIn(self.postgres.address).start()
        other = Backend(self.postgres.address, "postgres", "dev")
        other.run("delete from redshift.external_columns; delete from redshift.shared_columns")
        other.run("insert into redshift.external_columns values ('spectrum', 'clicks', 'at', 'timestamp', 1),"
                  " ('spectrum', 'clicks', 'url', 'varchar(200)', 2)")
        other.run("insert into redshift.shared_columns values ('partner', 'sales', 'orders', 'id', 1, 'bigint', null),"
                  " ('partner', 'sales', 'orders', 'code', 2, 'character varying', 12)")
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder)
            (project / "models").mkdir()
            (project / "dbt_project.yml").write_text("name: lake\nprofile: redshift_shop\n")
            shutil.copy(HERE / "Shop/profiles.yml", project)
            (project / "models/sources.yml").write_text(
                "sources:\n  - name: spectrum\n    tables: [{name: clicks}]\n"
                "  - name: partner\n    database: partner\n    schema: sales\n    tables: [{name: orders}]\n")
            made = subprocess.run([PROGRAM, "docs", "generate", "--profiles-dir", str(project)], cwd=project, capture_output=True,
                                  text=True, env={**os.environ, "REDSHIFT_PORT": str(server.port)})
            self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
            found = json.loads((project / "target/catalog.json").read_text())["sources"]
        self.assertEqual(server.refusals, [])
        self.assertEqual({name: (each["metadata"]["type"], [[c["name"], c["type"]] for c in each["columns"].values()])
                          for name, each in found.items()},
                         {"source.lake.spectrum.clicks": ("EXTERNAL TABLE", [["at", "timestamp"], ["url", "varchar(200)"]]),
                          "source.lake.partner.orders": ("BASE TABLE", [["id", "bigint"], ["code", "character varying(12)"]])})
        server.stop()

    def test_interrupts_end_what_runs(self):
        for kind in ("hang", "hang-deaf"):
            server = StandIn(self.postgres.address).start()
            control = connect(server.port)
            with tempfile.TemporaryDirectory() as folder:
                project = Path(folder) / "shop"
                shutil.copytree(HERE / "Shop", project)
                words = dict(cwd=project, env={**os.environ, "REDSHIFT_PORT": str(server.port)}, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
                made = subprocess.run([PROGRAM, "build", "--select", "+people", "--exclude", "resource_type:test", "--profiles-dir",
                                       str(project)], **words)
                self.assertEqual(made.returncode, 0, made.stdout)
                before = control.run("select * from shop.people")
                control.run(f"select standin_fault('{kind}', 1, 'create .*people')")
                run = subprocess.Popen([PROGRAM, "run", "--select", "people", "--profiles-dir", str(project)], **words)
                while not server.faults.met and run.poll() is None:
                    time.sleep(0.02)
                run.send_signal(signal.SIGINT)
                said, _ = run.communicate(timeout=60)
            self.assertEqual(server.faults.met, 1, said)
            self.assertIn("Exited because of keyboard interrupt", said)
            self.assertEqual(server.cancelled, 1 if kind == "hang" else 0)
            self.assertEqual(control.run("select * from shop.people"), before)
            self.assertEqual(control.run("select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                                         " where nspname = 'shop' and relname like 'people%'"), [["people"]])
            server.stop()


if __name__ == "__main__":
    unittest.main()
