"""astronomer-cosmos draws its graph from the manifest and from `ls`: usage: cosmos_dag.py PROJECT WHC PROFILES"""

import pathlib
import sys

from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, LoadMode
from cosmos.dbt.graph import DbtGraph

project, whc, profiles = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
name = next(line.split(":")[1].strip(" '\"\n") for line in open(project / "dbt_project.yml") if line.startswith("profile:"))
profile = ProfileConfig(profile_name=name, target_name="dev", profiles_yml_filepath=profiles / "profiles.yml")


def nodes(mode):
    graph = DbtGraph(
        project=ProjectConfig(dbt_project_path=project, manifest_path=project / "target" / "manifest.json"),
        profile_config=profile,
        execution_config=ExecutionConfig(dbt_executable_path=whc, dbt_project_path=project),
        render_config=RenderConfig(load_method=mode, dbt_executable_path=whc, dbt_project_path=project, dbt_deps=False),
    )
    graph.load(method=mode, execution_mode=ExecutionMode.LOCAL)
    return {key: sorted(node.depends_on) for key, node in graph.nodes.items() if node.resource_type.value != "source"}


listed, read = nodes(LoadMode.DBT_LS), nodes(LoadMode.DBT_MANIFEST)
assert listed and set(listed) == set(read), set(listed) ^ set(read)
print(f"{len(listed)} nodes by ls and by manifest")
