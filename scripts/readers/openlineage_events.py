"""OpenLineage's reader of dbt artifacts makes run events of them: usage: openlineage_events.py PROJECT WHC"""

import os
import sys

from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor

processor = DbtLocalArtifactProcessor(
    producer="https://github.com/OpenLineage/OpenLineage",
    job_namespace="whc",
    project_dir=sys.argv[1],
    profile_name=os.environ.get("WHC_READER_PROFILE"),
    target=None,
)
events = processor.parse().events()
built = [e for e in events if e.outputs]
assert built, "no event has an output"
columns = [o for e in built for o in e.outputs if o.facets and "schema" in o.facets]
print(f"{len(events)} events, {len(built)} with outputs, {len(columns)} outputs with columns")
