"""recce compares two environments by their artifacts and the tables they name: usage: recce_state.py PROJECT WHC PROFILES"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from recce.adapter.dbt_adapter import load_catalog, load_manifest

project, profiles = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[3])
manifest = load_manifest(str(project / "target" / "manifest.json"))
catalog = load_catalog(str(project / "target" / "catalog.json"))
assert manifest is not None and catalog is not None
models = [n.name for n in manifest.nodes.values() if n.resource_type == "model" and n.config.materialized != "ephemeral"]

# The project against itself, in a copy: recce opens it with dbt, counts rows and compares columns.
with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder) / "project"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".git", ".whc", ".build", "logs", "*.bin"))
    shutil.copytree(copy / "target", copy / "target-base")
    checks = [
        {"name": "rows", "type": "row_count_diff", "params": {"node_names": models}},
        {"name": "columns", "type": "schema_diff", "params": {"node_id": [f"model.{manifest.metadata.project_name}.{m}" for m in models]}},
    ]
    (copy / "recce.yml").write_text(json.dumps({"checks": checks}))
    state = copy / "state.json"
    command = [pathlib.Path(sys.executable).parent / "recce", "run", "-o", state, "--profiles-dir", profiles]
    answer = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=os.environ | {"RECCE_CI": "1"})
    assert state.exists(), answer.stdout[-2000:] + answer.stderr[-2000:]
    runs = json.loads(state.read_text())["runs"]
    counted = next(run["result"] for run in runs if run["type"] == "row_count_diff")
    assert counted and all(c["base"] == c["curr"] and c["base"] is not None for c in counted.values()), counted
print(f"{len(manifest.nodes)} nodes, {len(catalog.nodes)} tables, rows of {len(counted)} models compared")
