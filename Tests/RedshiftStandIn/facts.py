"""Builds Facts/ with whc on Redshift's stand-in and on PostgreSQL, step after step, and compares the rows of both."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from client import connect
from stand_in.backend import Backend
from stand_in.server import StandIn

HERE = Path(__file__).parent
#: What each step does to the seeds: file, text, its replacement; an empty text is the file's end.
STEPS = [
    [],
    # A customer moves earlier than known, one that was inferred comes, orders go on, one is new.
    [("customers", "", "1,Ada,Bath,2024-01-02 12:00:00\n7,Gus,Oslo,2024-01-01\n3,Cyd,Bonn,2024-01-04\n"),
     ("agents", "2,North,1", "2,South,1"), ("agents", "", "9,West,2\n"),
     ("orders", "2,2,2,2024-01-04 23:59:00,2024-01-08,,4.99", "2,2,2,2024-01-04 23:59:00,2024-01-08,2024-01-09 00:15:00,4.99"),
     ("orders", "1,1,1,2024-01-03 10:00:00,2024-01-04,", "1,1,1,2024-01-03 10:00:00,,"),
     ("orders", "", "5,3,1,2024-01-09 07:00:00,2024-01-09,,1.00,true,phone\n"),
     ("lines", "", "5,1,1,1.00\n5,2,1,2.00\n"), ("lines", "3,3,1,1.00\n", ""),
     ("stock", "", "1,2024-01-06 08:00:00,4\n2,2024-01-04 07:00:00,9\n"),
     ("owners", "101,3,0.333333,2024-01-01,\n", "101,3,0.333333,2024-01-01,2024-01-08\n"),
     ("owners", "101,1,0.666667,2024-01-01,\n", "101,1,0.666667,2024-01-01,2024-01-08\n101,1,1.000000,2024-01-08,\n")],
    # The past changes again, and rows without news stay.
    [("customers", "", "2,Rob,Nice,2024-01-04\n"), ("agents", "4,South,3", "4,East,2"),
     ("stock", "2,2024-01-02 08:00:00,3", "2,2024-01-02 08:00:00,5")],
]

#: What an audit dimension says of a build and not of its rows.
OTHERWISE = ("invocation_id", "started_at", "finished_at", "target", "load_key", "code_checksum")


class Outcome:
    def __init__(self):
        self.failures, self.refusals, self.rows = [], [], {}


def build(program, postgres, schema="facts", steps=STEPS, faults=()):
    """The rows of each relation, in both databases, after the last step or the first one after which they differ.

    - faults: what is ordered of the stand-in before each step: (kind, times, regular expression).
    """
    server = StandIn(postgres.address).start()
    outcome, control = Outcome(), connect(server.port)
    control.run(f"drop schema if exists {schema} cascade")
    entrance = Backend(postgres.address, "postgres", "postgres")
    entrance.run("drop database if exists plain")
    entrance.run("create database plain template template0")
    entrance.close()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder) / "project"
        shutil.copytree(HERE / "Facts", folder)
        environment = {**os.environ, "REDSHIFT_PORT": str(server.port), "PLAIN_HOST": postgres.address[0]}
        for step in steps:
            for name, old, new in step:
                path = folder / f"seeds/{name}.csv"
                text = path.read_text()
                path.write_text(text.replace(old, new) if old else text + new)
            for kind, times, pattern in faults:
                control.run(f"select standin_fault('{kind}', {times}, '{pattern}')")
            for target in ("redshift", "postgres"):
                words = ["build", "--target", target, "--target-path", f"target-{target}", "--profiles-dir", "."]
                made = subprocess.run([program, *words], cwd=folder, env=environment, capture_output=True, text=True)
                if made.returncode != 0:
                    outcome.failures.append(f"{' '.join(words)} -> {made.returncode}\n{made.stdout[-8000:]}{made.stderr[-4000:]}")
            plain = Backend(postgres.address, "postgres", "plain")
            outcome.rows = {"redshift": rows(control, schema), "postgres": rows(plain, schema)}
            plain.close()
            if outcome.failures or differences(outcome.rows):
                break
    outcome.designs = {name: (style, key) for name, style, key in control.run(
        f'select "table", diststyle, sortkey1 from svv_table_info where schema = \'{schema}\'')}
    outcome.keys = [" ".join(row) for row in control.run(
        "select c.relname, con.contype from pg_catalog.pg_constraint con join pg_class c on c.oid = con.conrelid"
        f" join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{schema}' and con.contype = 'p' order by 1")]
    outcome.refusals = server.refusals
    outcome.met = server.faults.met
    control.close()
    server.stop()
    return outcome


def rows(connection, schema):
    """The rows of each relation of a schema, apart from what whc keeps for itself and what is another one each time."""
    found = {}
    for (name,) in connection.run(
            f"select table_name from information_schema.tables where table_schema = '{schema}' order by 1"):
        if name.endswith("__ledger"):
            continue
        columns = [c for c, in connection.run(
            f"select attname from pg_catalog.pg_attribute where attrelid = '{schema}.{name}'::regclass and attnum > 0"
            " and not attisdropped order by attname")] or columns_of_view(connection, schema, name)
        columns = [c for c in columns if c not in OTHERWISE]
        listed = ", ".join(f'"{c}"' for c in columns)
        found[name] = [",".join(columns)] + sorted(
            json.dumps([plain(v) for v in row]) for row in connection.run(f'select {listed} from {schema}."{name}"'))
    return found


def columns_of_view(connection, schema, name):
    return sorted(c for s, v, c, _, _ in connection.run(
        "select * from pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name,"
        " col_type varchar, ordinal_position int)") if (s, v) == (schema, name))


def plain(value):
    """Redshift has no infinity, and its numbers the places of their column."""
    if value is None:
        return None
    if value in ("-infinity", "1900-01-01 00:00:00", "1900-01-01 00:00:00+00"):
        return "<ever>"
    if value[:2] == "20" and value[4:5] == "-" and int(value[:4]) > 2024:
        return "<now>"
    if value.replace(".", "", 1).replace("-", "", 1).isdigit() and "." in value:
        return value.rstrip("0").rstrip(".")
    return value


def differences(rows):
    """Lines that tell where two databases differ."""
    left, right = rows["redshift"], rows["postgres"]
    lines = []
    for name in sorted(set(left) | set(right)):
        a, b = left.get(name), right.get(name)
        if a is None or b is None:
            lines.append(f"{name}: only on {'PostgreSQL' if a is None else 'Redshift'}")
        elif a != b:
            lines.append(f"{name}:")
            lines += [f"    redshift {r}" for r in a if r not in b] + [f"    postgres {r}" for r in b if r not in a]
    return lines


if __name__ == "__main__":
    import sys
    from stand_in.postgres import PrivatePostgres

    server = PrivatePostgres()
    try:
        result = build(sys.argv[1], server)
        print("\n".join(result.failures + result.refusals + differences(result.rows)))
        print({name: len(r) - 1 for name, r in result.rows["redshift"].items()}, result.designs)
    finally:
        server.stop()
