"""astronomer-cosmos draws its graph from the manifest and from `ls`, and Airflow runs the graph: usage: cosmos_dag.py PROJECT WHC PROFILES"""

import os
import pathlib
import subprocess
import sys
import tempfile

# Airflow reads its home when it is imported.
home = tempfile.TemporaryDirectory()
os.environ |= {
    "AIRFLOW_HOME": home.name,
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__COSMOS__ENABLE_CACHE": "False",
    "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
}

import yaml  # noqa: E402
from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig  # noqa: E402
from cosmos.constants import ExecutionMode, LoadMode  # noqa: E402
from cosmos.dbt.graph import DbtGraph  # noqa: E402

project, whc, profiles = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
name = next(line.split(":")[1].strip(" '\"\n") for line in open(project / "dbt_project.yml") if line.startswith("profile:"))
target = os.environ.get("WHC_READER_TARGET") or yaml.safe_load((profiles / "profiles.yml").read_text())[name]["target"]
profile = ProfileConfig(profile_name=name, target_name=target, profiles_yml_filepath=profiles / "profiles.yml")
projects = ProjectConfig(dbt_project_path=project, manifest_path=project / "target" / "manifest.json")


def rendering(mode, **more):
    return RenderConfig(load_method=mode, dbt_deps=False, **more)


def nodes(mode):
    graph = DbtGraph(
        project=projects,
        profile_config=profile,
        execution_config=ExecutionConfig(dbt_executable_path=whc, dbt_project_path=project),
        render_config=rendering(mode, dbt_executable_path=whc, dbt_project_path=project),
    )
    graph.load(method=mode, execution_mode=ExecutionMode.LOCAL)
    return {key: sorted(node.depends_on) for key, node in graph.nodes.items() if node.resource_type.value != "source"}


listed, read = nodes(LoadMode.DBT_LS), nodes(LoadMode.DBT_MANIFEST)
assert listed and set(listed) == set(read), set(listed) ^ set(read)
strangers = {key for key, parents in read.items() if set(parents) - set(read) and "source" not in str(parents)}
assert not strangers, strangers

# A run of the whole graph: each model, seed and test is a task that calls whc.
airflow = str(pathlib.Path(sys.executable).parent / "airflow")
dags = pathlib.Path(home.name) / "dags"
dags.mkdir()
(dags / "whc_dag.py").write_text(
    f"""# Airflow looks for DAGs in files that speak of airflow.
from cosmos import DbtDag
from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import InvocationMode, LoadMode

dag = DbtDag(
    dag_id="whc",
    project_config=ProjectConfig(dbt_project_path={str(project)!r}),
    profile_config=ProfileConfig(
        profile_name={name!r}, target_name={target!r}, profiles_yml_filepath={str(profiles / "profiles.yml")!r}
    ),
    execution_config=ExecutionConfig(dbt_executable_path={whc!r}, invocation_mode=InvocationMode.SUBPROCESS),
    render_config=RenderConfig(
        load_method=LoadMode.DBT_LS,
        dbt_executable_path={whc!r},
        invocation_mode=InvocationMode.SUBPROCESS,
        dbt_deps=False,
    ),
    operator_args={{"install_deps": False}},
    schedule=None,
)
"""
)
subprocess.run([airflow, "db", "migrate"], check=True, capture_output=True)
subprocess.run([airflow, "dags", "reserialize"], check=True, capture_output=True)
answer = subprocess.run([airflow, "dags", "test", "whc"], capture_output=True, text=True)
told = answer.stdout + answer.stderr
assert answer.returncode == 0 and "Running command" in told, told[-3000:]
calls = told.count("Running command")
print(f"{len(listed)} nodes by ls and by manifest, {calls} calls of whc by tasks")
