"""whc builds Star/ on PostgreSQL and through the stand-in: nothing is refused, and every table of the star has the same rows.

    python test_star.py PROGRAM

The times before and after all times are other ones in Redshift, and keys made of times with them; and keys that are counted are given
to the rows of a load in no certain order.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from client import connect
from stand_in.backend import Backend
from stand_in.postgres import PrivatePostgres
from stand_in.server import StandIn

HERE = Path(__file__).parent
PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else "whc"
#: Keys that say the same in both.
SAME_KEYS = ("time_key", "date_key", "birth_date_key")
#: What each database remembers in its own way.
REMEMBERED = ("dim_audit", "fct_visit__ledger")


def tables(connection):
    """The rows of each table, written so that both databases say the same."""
    found = {}
    for (name,) in connection.run("select table_name from information_schema.tables where table_schema = 'star'"):
        columns = [c for (c,) in connection.run("select column_name from information_schema.columns where table_schema = 'star'"
                                                f" and table_name = '{name}' order by column_name")]
        shown = [c for c in columns if not c.endswith("_key") or c in SAME_KEYS]
        rows = connection.run("select " + ", ".join(f'"{c}"' for c in shown) + f' from star."{name}"')
        found[name] = (columns, sorted(json.dumps([plain(v, c) for v, c in zip(row, shown)]) for row in rows))
    return {name: rows for name, rows in found.items() if name not in REMEMBERED}


def plain(value, column):
    if value is None or value == "infinity" or value.startswith("9999-12-31"):
        return None
    if value == "-infinity" or value.startswith("1900-01-01"):
        return "<ever>"
    is_time = column in ("valid_from", "valid_to", "recorded_from", "recorded_to", "stated_at", "at")
    return "<now>" if is_time and value[:4] >= "2025" else value


def differences(wanted, found):
    lines = [f"{name}: in one alone" for name in sorted(set(wanted) ^ set(found))]
    for name in sorted(set(wanted) & set(found)):
        if wanted[name][0] != found[name][0]:
            lines.append(f"{name}: {wanted[name][0]} {found[name][0]}")
        lines += [f"{name}: only on PostgreSQL {row}" for row in wanted[name][1] if row not in found[name][1]]
        lines += [f"{name}: only on Redshift {row}" for row in found[name][1] if row not in wanted[name][1]]
    return lines


class StarTest(unittest.TestCase):
    maxDiff = None

    def test_rows_are_those_of_postgres(self):
        postgres = PrivatePostgres()
        self.addCleanup(postgres.stop)
        host, port = postgres.address
        first = Backend(postgres.address, "postgres", "postgres")
        first.run("create database star")
        first.close()
        server = StandIn(postgres.address).start()
        self.addCleanup(server.stop)
        databases = {"postgres": Backend(postgres.address, "postgres", "star"), "redshift": connect(server.port)}
        environment = {**os.environ, "REDSHIFT_PORT": str(server.port), "PGHOST": str(host), "PGPORT": str(port)}
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "star"
            shutil.copytree(HERE / "Star", project)
            for number, arrivals in enumerate((HERE / "Star/arrivals.sql").read_text().split("---\n")):
                if number == 2:
                    for name in ("dim_scd", "dim_rec"):
                        model = project / f"models/{name}.sql"
                        model.write_text(model.read_text().replace("born, at", "born, email, at"))
                for target, database in databases.items():
                    for statement in arrivals.split(";\n"):
                        if statement.strip():
                            database.run(statement)
                    made = subprocess.run([PROGRAM, "build", "--target", target, "--profiles-dir", str(project)], cwd=project,
                                          env=environment, capture_output=True, text=True)
                    self.assertEqual(made.returncode, 0, made.stdout[-8000:] + made.stderr[-4000:])
                self.assertEqual(server.refusals, [])
                wanted, found = (tables(database) for database in databases.values())
                self.assertGreater(len(found), 20)
                self.assertEqual(differences(wanted, found), [])


if __name__ == "__main__":
    unittest.main()
