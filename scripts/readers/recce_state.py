"""recce loads manifest and catalogue: usage: recce_state.py PROJECT WHC"""

import pathlib
import sys

from recce.adapter.dbt_adapter import load_catalog, load_manifest

target = pathlib.Path(sys.argv[1]) / "target"
manifest = load_manifest(str(target / "manifest.json"))
catalog = load_catalog(str(target / "catalog.json"))
assert manifest is not None and catalog is not None
print(f"{len(manifest.nodes)} nodes, {len(catalog.nodes)} tables")
