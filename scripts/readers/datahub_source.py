"""DataHub's dbt source reads the artifacts into metadata: usage: datahub_source.py PROJECT WHC"""

import json
import pathlib
import sys
import tempfile

from datahub.ingestion.run.pipeline import Pipeline

target = pathlib.Path(sys.argv[1]) / "target"
with tempfile.TemporaryDirectory() as folder:
    written = pathlib.Path(folder) / "out.json"
    pipeline = Pipeline.create(
        {
            "source": {
                "type": "dbt",
                "config": {
                    "manifest_path": str(target / "manifest.json"),
                    "catalog_path": str(target / "catalog.json"),
                    "run_results_paths": [str(target / "run_results.json")],
                    "target_platform": "postgres",
                    # A file holds no earlier state that could be added to.
                    "write_semantics": "OVERRIDE",
                },
            },
            "sink": {"type": "file", "config": {"filename": str(written)}},
        }
    )
    pipeline.run()
    pipeline.raise_from_status()
    count = len(json.loads(written.read_text()))
assert count, "nothing was read"
print(f"{count} pieces of metadata")
