"""OpenLineage's wrapper dbt-ol runs whc under dbt's name: usage: openlineage_wrapper.py PROJECT WHC PROFILES"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

project, whc, profiles = (os.path.realpath(word) for word in sys.argv[1:4])
folder = pathlib.Path(tempfile.mkdtemp())
subprocess.run([whc, "shim", "install", "--folder", str(folder)], check=True, stdout=subprocess.DEVNULL)
wrapper = pathlib.Path(sys.executable).parent / "dbt-ol"
# OpenLineage names a database by its host, which a profile of whc's own server does not tell.
target = []
asked = subprocess.run(
    [whc, "server", "psql", "--", "-Atc",
     "select current_user || ' ' || current_setting('port') || ' ' || current_database()"],
    cwd=project, capture_output=True, text=True)
if asked.returncode == 0:
    os.environ.update(zip(("PGUSER", "PGPORT", "PGDATABASE"), asked.stdout.split()))
    os.environ["PGHOST"] = f"{project}/.whc/postgres/run"
    target = ["--target", "server"]
told = []
# The events are made of the artifacts after the run, or of the log while it goes on.
for mode in [[], ["--consume-structured-logs"]]:
    log = folder / f"events{len(told)}.jsonl"
    config = folder / "openlineage.yml"
    config.write_text(f"transport: {{type: file, log_file_path: {log}, append: true}}\n")
    environment = os.environ | {
        "OPENLINEAGE_CONFIG": str(config), "PATH": f"{folder}:{os.environ['PATH']}",
    }
    words = [str(wrapper), *mode, "build", "--project-dir", project, "--profiles-dir", profiles, *target]
    run = subprocess.run(words, env=environment, cwd=project, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    events = [json.loads(line) for line in log.read_text().splitlines()]
    built = {o["name"] for event in events for o in event["outputs"] if event["eventType"] == "COMPLETE"}
    assert built, "no event of a finished node has an output"
    faults = [event for event in events if "extractionError" in event["run"].get("facets", {})]
    assert not faults, faults[0]
    told.append(built)
assert told[0] <= told[1], told[0] - told[1]
print(f"{len(told[0])} relations were built, by the artifacts and by the log")
