"""System tables: what is not there, and what cannot be read together."""

from sqlglot import exp

from .refusal import DBT, GUIDE, NOT_SUPPORTED, UNDEFINED_COLUMN, UNDEFINED_TABLE, Refusal, rule

LEADER_ONLY = "Specified types or functions (one per INFO message) not supported on Redshift tables."
#: Those of PostgreSQL after 8.0, https://www.postgresql.org/docs/8.0/catalogs.html lists what there was.
ABSENT_TABLES = set(
    """pg_matviews pg_roles pg_authid pg_auth_members pg_extension pg_enum pg_range pg_collation pg_sequence pg_sequences
    pg_policy pg_policies pg_publication pg_subscription pg_event_trigger pg_foreign_table pg_foreign_server
    pg_foreign_data_wrapper pg_partitioned_table pg_statistic_ext pg_available_extensions pg_prepared_statements
    pg_stat_statements pg_stat_progress_vacuum pg_hba_file_rules pg_init_privs pg_transform pg_ts_config pg_seclabel
    pg_shseclabel pg_replication_slots pg_stat_replication pg_timezone_names pg_cursors pg_file_settings pg_shmem_allocations
    pg_default_acl pg_db_role_setting pg_shdescription pg_shdepend pg_opfamily""".split()
)
ABSENT_COLUMNS = set(
    """relpersistence relispopulated relrowsecurity relforcerowsecurity relispartition relreplident reloptions relallvisible
    relfrozenxid relminmxid reloftype relrewrite attidentity attgenerated attcollation attacl attoptions attfdwoptions
    atthasmissing attmissingval attcompression indnkeyatts indisvalid indisready indislive indimmediate indisexclusion
    indcollation indoption conindid conislocal convalidated connoinherit conexclop conparentid typcategory typcollation
    typispreferred prokind proparallel datcollate datctype rolname ev_enabled
    tgisinternal""".split()
)
#: dbt-redshift reads each of these by itself.
ALONE = {"svv_table_info", "svv_mv_info", "svv_redshift_columns", "svv_relation_privileges", "svv_columns", "svv_tables"}


def tables(s):
    if s.tree is None:
        return []
    ctes = {c.alias.lower() for c in s.tree.find_all(exp.CTE)}
    found = []
    for table in s.tree.find_all(exp.Table):
        name = table.name.lower()
        if not name or not isinstance(table.this, exp.Identifier) or (not table.db and name in ctes):
            continue
        found.append((table.db.lower(), name))
    return found


def is_leader(schema, name):
    return schema == "information_schema" or name.startswith("pg_")


def is_system(schema, name):
    return is_leader(schema, name) or name.startswith(("svv_", "svl_", "svcs_", "stv_", "stl_", "sys_"))


def writes(s):
    """Whether a query's rows go into a table."""
    return isinstance(s.tree, (exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Merge))


@rule("https://www.postgresql.org/docs/8.0/catalogs.html; " + GUIDE + "c_join_PG.html")
def absent_tables(s, state):
    for schema, name in tables(s):
        if name in ABSENT_TABLES and schema in ("", "pg_catalog"):
            return Refusal(UNDEFINED_TABLE, f'relation "{name}" does not exist')


@rule("https://www.postgresql.org/docs/8.0/catalogs.html")
def absent_columns(s, state):
    if not any(is_leader(*t) and t[1].startswith("pg_") for t in tables(s)):
        return None
    for column in s.tree.find_all(exp.Column):
        if column.name.lower() in ABSENT_COLUMNS:
            return Refusal(UNDEFINED_COLUMN, f'column "{column.name.lower()}" does not exist')


@rule(GUIDE + "c_sql-functions-leader-node.html; c_join_PG.html")
def leader_tables(s, state):
    found = tables(s)
    leaders = [t for t in found if is_leader(*t)]
    if not leaders:
        return None
    users = [t for t in found if not is_system(*t)]
    if isinstance(s.tree, exp.Create) and (s.tree.args.get("kind") or "").upper() == "VIEW":
        return None
    if isinstance(s.tree, (exp.Create, exp.Insert)) or len(users) > (1 if writes(s) else 0):
        return Refusal(NOT_SUPPORTED, LEADER_ONLY, detail=f"{leaders[0][1]} runs on the leader node only")


@rule(DBT + "relations/materialized_view/describe.sql")
def alone(s, state):
    found = tables(s)
    compute = [name for _, name in found if name in ALONE]
    if compute and any(is_leader(*t) for t in found):
        return Refusal(NOT_SUPPORTED, LEADER_ONLY, detail=f"{compute[0]} cannot be read together with PG tables")
