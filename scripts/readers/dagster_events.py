"""dagster-dbt runs whc in dbt's place and makes asset events of its log: usage: dagster_events.py PROJECT WHC PROFILES"""

import collections
import json
import pathlib
import sys

from dagster_dbt import DbtCliResource

project, whc, profiles = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
resource = DbtCliResource(project_dir=str(project), profiles_dir=profiles, dbt_executable=whc)
invocation = resource.cli(["build"], raise_on_error=False)
raw = list(invocation.stream_raw_events())
names = {event.raw_event["info"]["name"] for event in raw}
assert {"LogModelResult", "LogTestResult", "EndOfRunSummary"} <= names, names
manifest = json.loads((project / "target" / "manifest.json").read_text())
assets = [asset for event in raw for asset in event.to_default_asset_events(manifest=manifest)]
assert assets, "no asset events"
assert invocation.is_successful(), invocation.get_error()
assert invocation.get_artifact("run_results.json")["results"]
print(f"{len(raw)} log events, {dict(collections.Counter(type(asset).__name__ for asset in assets))}")
