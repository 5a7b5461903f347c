"""dbt-artifacts-parser takes every artifact: usage: artifacts_parser.py PROJECT WHC"""

import json
import pathlib
import sys

from dbt_artifacts_parser import parser

target = pathlib.Path(sys.argv[1]) / "target"


def read(name):
    return json.loads((target / name).read_text())


manifest = parser.parse_manifest_v12(read("manifest.json"))
results = parser.parse_run_results_v6(read("run_results.json"))
catalog = parser.parse_catalog_v1(read("catalog.json"))
known = set(manifest.nodes) | set(manifest.unit_tests or {}) | set(manifest.exposures) | set(manifest.saved_queries)
strangers = [r.unique_id for r in results.results if r.unique_id not in known]
assert not strangers, strangers
assert set(catalog.nodes) <= set(manifest.nodes)
print(f"{len(manifest.nodes)} nodes, {len(results.results)} results, {len(catalog.nodes)} tables")
