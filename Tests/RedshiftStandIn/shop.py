"""Builds Shop/ with a program through a stand-in, twice, and tells what stands in the database then."""

import datetime
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from client import connect
from stand_in.server import StandIn

HERE = Path(__file__).parent
EXPECTED = HERE / "Shop.expected.json"
#: The days of the microbatches; without them there is one for every day until now.
BUILD = ["build", "--event-time-start", "2024-01-01", "--event-time-end", "2024-01-05"]


class Outcome:
    def __init__(self):
        self.failures, self.refusals, self.relations = [], [], {}
        #: All that the program printed or wrote into the project's folder.
        self.said = ""


def build(program, postgres, datasharing="False", faults=(), server=None, profile=(), environment=()):
    """Runs `build` twice with seeds that change in between, then `docs generate`.

    - faults: what is ordered before each build: (kind, times, regular expression).
    - server: a stand-in that is there already; profile: keys of the profile in place of its own; environment: variables.
    """
    server = server or StandIn(postgres.address).start()
    outcome = Outcome()
    control = connect(server.port, password="control")
    control.run("drop schema if exists shop cascade")
    if not control.run("select 1 from pg_user where usename = 'reporter'"):
        control.run("create user reporter")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "shop"
        shutil.copytree(HERE / "Shop", project)
        environment = {**os.environ, "REDSHIFT_PORT": str(server.port), "REDSHIFT_DATASHARING": datasharing,
                       "DBT_SEND_ANONYMOUS_USAGE_STATS": "0", **dict(environment)}
        if profile:
            write_profile(project, profile)
        for number, words in enumerate((BUILD, BUILD, ["docs", "generate"])):
            if number == 1:
                change(project)
            if number < 2:
                for kind, times, pattern in faults:
                    control.run(f"select standin_fault('{kind}', {times}, '{pattern}')")
            made = subprocess.run([program, *words, "--profiles-dir", str(project)], cwd=project, env=environment,
                                  capture_output=True, text=True)
            outcome.said += made.stdout + made.stderr
            if made.returncode != 0:
                outcome.failures.append(f"{' '.join(words)} -> {made.returncode}\n{made.stdout[-8000:]}{made.stderr[-4000:]}")
        outcome.catalogue = catalogue(project)
        outcome.said += "".join(f.read_text(errors="replace") for f in project.rglob("*") if f.is_file() and f.name != "profiles.yml")
    outcome.relations = relations(control)
    outcome.refusals = server.refusals
    outcome.met = server.faults.met
    control.close()
    server.stop()
    return outcome


def write_profile(project, keys):
    """Keys of the profile in place of its own; None takes a key away."""
    path, lines = project / "profiles.yml", []
    keys = dict(keys)
    for line in path.read_text().splitlines():
        if line.strip().split(":")[0] not in keys or not line.startswith("      "):
            lines.append(line)
    lines += [f"      {name}: {json.dumps(value)}" for name, value in keys.items() if value is not None]
    path.write_text("\n".join(lines) + "\n")


def change(project):
    """What happens between the builds: a customer moves, one goes, an order comes."""
    customers = project / "seeds/customers.csv"
    text = customers.read_text().replace("1,Ada,London,2024-01-01", "1,Ada,Bath,2024-02-01")
    customers.write_text(text.replace("4,,O'Hare,2024-01-03 11:00:00\n", ""))
    orders = project / "seeds/orders.csv"
    orders.write_text(orders.read_text() + "7,1,done,3.00,2024-01-04 01:00:00\n")


def catalogue(project):
    """What catalog.json says of each relation: its kind, and its columns with their types."""
    path = project / "target/catalog.json"
    if not path.exists():
        return {}
    return {
        node["metadata"]["name"]: [node["metadata"]["type"], [[c["name"], c["type"]] for c in node["columns"].values()]]
        for node in json.loads(path.read_text())["nodes"].values()
    }


def relations(connection, schema="shop"):
    """Each relation: its kind, distribution and sort key, comment, readers, columns with types and comments, and its rows."""
    found = {}
    for _, _, name, _, _, remark, *rest in connection.run(f'show tables from schema dev.{schema}'):
        subtype, style = rest[-1], rest[-2]
        columns = connection.run(f"show columns from table dev.{schema}.{name}")
        spelled = [f"{c[3]} {c[7]}" + (f"({c[8]})" if c[8] else f"({c[9]},{c[10]})" if c[7] == "numeric" else "")
                   + ("" if c[6] == "YES" else " not null") + (f" sortkey {c[13]}" if c[13] != "0" else "")
                   + (f" -- {c[11]}" if c[11] else "") for c in columns]
        rows = connection.run(f'select * from {schema}.{name}')
        readers = connection.run(f"show grants on table dev.{schema}.{name}")
        found[name] = {
            "kind": subtype, "design": style, "comment": remark,
            "readers": sorted(g[5] for g in readers if g[5] != "postgres"), "columns": spelled,
            "rows": sorted(json.dumps([plain(v, c[3], name) for v, c in zip(row, columns)], ensure_ascii=False) for row in rows),
        }
    return found


def plain(value, column, relation):
    """A value; what depends on when it was stored is left out."""
    if value is None:
        return None
    if column == "dbt_scd_id" and relation.endswith("check"):
        return "<hash>"
    if column.startswith("dbt_") and value[:4].isdigit() and int(value[:4]) > 2024:
        return "<now>"
    return value


def differences(left, right):
    """Lines that tell where two databases differ."""
    lines = []
    for name in sorted(set(left) | set(right)):
        a, b = left.get(name), right.get(name)
        if a is None or b is None:
            lines.append(f"{name}: only in the {'second' if a is None else 'first'}")
            continue
        for key in a:
            if a[key] != b[key]:
                lines.append(f"{name}: {key}\n    {a[key]}\n    {b[key]}")
    return lines
