"""SHOW of Redshift, https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html and its neighbours, as queries."""


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def query(s):
    what = s.word(1)
    at = 2
    while s.word(at) in ("from", "on", "database", "schema", "table"):
        at += 1
    parts, after = s.qualified_name(at) if at < len(s.tokens) else ([], at)
    like = ""
    if s.word(after) == "like":
        like = s.tokens[after + 1].text
    if what == "schemas":
        where = f" where schema_name like {quoted(like)}" if like else ""
        return f"select * from redshift.show_schemas{where} order by schema_name"
    if what == "databases":
        return "select datname as database_name from pg_database order by 1"
    # Another database, of which only what a test told is known.
    if what == "tables" and len(parts) == 2:
        other = (f"select distinct database_name, schema_name, table_name, 'TABLE'::text, ''::text, null::text, null::text, now()::timestamp,"
                 f" now()::timestamp, null::text, 'SHARED TABLE'::text from redshift.shared_columns where database_name = {quoted(parts[0])}"
                 f" and schema_name = {quoted(parts[1])}")
        return (f"select * from redshift.show_tables where schema_name = {quoted(parts[1])} and database_name = {quoted(parts[0])}"
                + (f" and table_name like {quoted(like)}" if like else "") + f" union all {other} order by table_name")
    if what == "columns" and len(parts) == 3:
        where = f"database_name = {quoted(parts[0])} and schema_name = {quoted(parts[1])} and table_name = {quoted(parts[2])}"
        return (f"select * from redshift.show_columns where {where} union all"
                " select database_name, schema_name, table_name, column_name, ordinal_position, null, 'YES', data_type,"
                " character_maximum_length, null, null, null, null, 0, 0, null from redshift.shared_columns"
                f" where {where} order by ordinal_position")
    if what == "tables":
        where = f" and table_name like {quoted(like)}" if like else ""
        return f"select * from redshift.show_tables where schema_name = {quoted(parts[-1])}{where} order by table_name"
    if what == "columns":
        return (f"select * from redshift.show_columns where schema_name = {quoted(parts[-2])}"
                f" and table_name = {quoted(parts[-1])} order by ordinal_position")
    return (f"select * from redshift.show_grants where schema_name = {quoted(parts[-2])}"
            f" and object_name = {quoted(parts[-1])} order by identity_name, privilege_type")
