extension Prelude {
  /// Making, renaming and dropping relations.
  static let relations = [
    File(
      "adapters/relation.sql",
      dispatching: [
        "make_intermediate_relation(base_relation, suffix='__dbt_tmp')",
        "make_temp_relation(base_relation, suffix='__dbt_tmp')",
        "make_backup_relation(base_relation, backup_relation_type, suffix='__dbt_backup')",
        "truncate_relation(relation)", "drop_relation(relation)",
        "rename_relation(from_relation, to_relation)",
        "get_or_create_relation(database, schema, identifier, type)",
        "get_create_sql(relation, sql)", "get_drop_sql(relation)", "get_rename_sql(relation, new_name)",
        "get_replace_sql(existing_relation, target_relation, sql)",
        "get_create_intermediate_sql(relation, sql)",
        "get_rename_intermediate_sql(relation)", "get_create_backup_sql(relation)",
        "get_drop_backup_sql(relation)",
        "drop_schema_named(schema_name)",
      ],
      #"""
      {% macro default__make_temp_relation(base_relation, suffix) %}
        {%- do return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix})) -%}
      {% endmacro %}

      {% macro default__make_intermediate_relation(base_relation, suffix) %}
        {%- do return(default__make_temp_relation(base_relation, suffix)) -%}
      {% endmacro %}

      {% macro default__make_backup_relation(base_relation, backup_relation_type, suffix) %}
        {%- do return(base_relation.incorporate(
          path={'identifier': base_relation.identifier ~ suffix}, type=backup_relation_type)) -%}
      {% endmacro %}

      {% macro default__truncate_relation(relation) -%}
        {%- call statement('truncate_relation') -%} truncate table {{ relation.render() }} {%- endcall -%}
      {%- endmacro %}

      {% macro default__drop_relation(relation) -%}
        {%- call statement('drop_relation', auto_begin=False) -%} {{ get_drop_sql(relation) }} {%- endcall -%}
      {%- endmacro %}

      {% macro drop_relation_if_exists(relation) %}
        {%- if relation is not none -%}{%- do adapter.drop_relation(relation) -%}{%- endif -%}
      {% endmacro %}

      {% macro default__rename_relation(from_relation, to_relation) -%}
        {%- call statement('rename_relation') -%}
          alter table {{ from_relation.render() }} rename to {{ adapter.quote_as_configured(to_relation.identifier, 'identifier') }}
        {%- endcall -%}
      {%- endmacro %}

      {% macro default__get_or_create_relation(database, schema, identifier, type) %}
        {%- set found = adapter.get_relation(database=database, schema=schema, identifier=identifier) -%}
        {%- if found -%}{%- do return([true, found]) -%}{%- endif -%}
        {%- do return(
          [false, api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)]) -%}
      {% endmacro %}

      {% macro load_cached_relation(relation) %}
        {%- do return(adapter.get_relation(
          database=relation.database, schema=relation.schema, identifier=relation.identifier)) -%}
      {% endmacro %}

      {% macro load_relation(relation) %}
        {%- do return(load_cached_relation(relation)) -%}
      {% endmacro %}

      {% macro default__get_create_sql(relation, sql) -%}
        {%- if relation.is_view -%} {{ get_create_view_as_sql(relation, sql) }}
        {%- elif relation.is_table -%} {{ get_create_table_as_sql(False, relation, sql) }}
        {%- elif relation.is_materialized_view -%} {{ get_create_materialized_view_as_sql(relation, sql) }}
        {%- else -%}
          {%- do exceptions.raise_compiler_error('get_create_sql does not know how to create: ' ~ relation.type) -%}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__get_drop_sql(relation) -%}
        {%- if relation.is_view -%} {{ drop_view(relation) }}
        {%- elif relation.is_table -%} {{ drop_table(relation) }}
        {%- elif relation.is_materialized_view -%} {{ drop_materialized_view(relation) }}
        {%- else -%} drop {{ relation.type }} if exists {{ relation.render() }} cascade
        {%- endif -%}
      {%- endmacro %}

      {% macro default__get_rename_sql(relation, new_name) -%}
        {%- if relation.is_view -%} {{ get_rename_view_sql(relation, new_name) }}
        {%- elif relation.is_table -%} {{ get_rename_table_sql(relation, new_name) }}
        {%- elif relation.is_materialized_view -%} {{ get_rename_materialized_view_sql(relation, new_name) }}
        {%- else -%}
          {%- do exceptions.raise_compiler_error('get_rename_sql does not know how to rename: ' ~ relation.type) -%}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__get_create_intermediate_sql(relation, sql) -%}
        {%- set aside = make_intermediate_relation(relation) -%}
        {{ get_drop_sql(aside) }};
        {{ get_create_sql(aside, sql) }}
      {%- endmacro %}

      {% macro default__get_rename_intermediate_sql(relation) -%}
        {{ get_rename_sql(make_intermediate_relation(relation), relation.identifier) }}
      {%- endmacro %}

      {% macro default__get_create_backup_sql(relation) -%}
        {%- set backup = make_backup_relation(relation, relation.type) -%}
        {{ get_drop_sql(backup) }};
        {{ get_rename_sql(relation, backup.identifier) }}
      {%- endmacro %}

      {% macro default__get_drop_backup_sql(relation) -%}
        {{ get_drop_sql(make_backup_relation(relation, relation.type)) }}
      {%- endmacro %}

      {% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
        {%- set in_place = existing_relation.type == target_relation.type and existing_relation.can_be_replaced -%}
        {%- if in_place and target_relation.is_view -%} {{ get_replace_view_sql(target_relation, sql) }}
        {%- elif in_place and target_relation.is_table -%} {{ get_replace_table_sql(target_relation, sql) }}
        {%- else -%}
          {%- set stages = target_relation.can_be_renamed -%}
          {%- set saves = existing_relation.can_be_renamed -%}
          {{ get_create_intermediate_sql(target_relation, sql) ~ ';' if stages }}
          {{ get_create_backup_sql(existing_relation) if saves else get_drop_sql(existing_relation) }};
          {{ get_rename_intermediate_sql(target_relation) if stages else get_create_sql(target_relation, sql) }}
          {{- ';\n' ~ get_drop_backup_sql(existing_relation) if saves }}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__drop_schema_named(schema_name) %}
        {%- do adapter.drop_schema(api.Relation.create(schema=schema_name)) -%}
      {% endmacro %}
      """#),
    File(
      "relations/kinds.sql",
      dispatching: [
        "drop_table(relation)", "drop_view(relation)", "drop_materialized_view(relation)",
        "get_rename_table_sql(relation, new_name)", "get_rename_view_sql(relation, new_name)",
        "get_rename_materialized_view_sql(relation, new_name)", "get_replace_table_sql(relation, sql)",
        "get_replace_view_sql(relation, sql)", "get_replace_materialized_view_sql(relation, sql)",
        "refresh_materialized_view(relation)", "get_create_materialized_view_as_sql(relation, sql)",
        "handle_existing_table(full_refresh, old_relation)",
        "get_materialized_view_configuration_changes(existing_relation, new_config)",
      ],
      #"""
      {% macro get_alter_materialized_view_as_sql(
        relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) %}
        {{ adapter.dispatch('get_alter_materialized_view_as_sql', 'dbt')(
          relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) }}
      {% endmacro %}

      {% macro default__drop_table(relation) -%}
          drop table if exists {{ relation.render() }} cascade
      {%- endmacro %}

      {% macro default__drop_view(relation) -%}
          drop view if exists {{ relation.render() }} cascade
      {%- endmacro %}

      {% macro default__drop_materialized_view(relation) -%}
          drop materialized view if exists {{ relation.render() }} cascade
      {%- endmacro %}

      {% macro default__handle_existing_table(full_refresh, old_relation) %}
        {%- do adapter.drop_relation(old_relation) -%}
      {% endmacro %}
      """#),
    .unwritten(
      "relations/unwritten.sql",
      [
        "get_create_materialized_view_as_sql(relation, sql)", "refresh_materialized_view(relation)",
        "get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, "
          + "backup_relation, intermediate_relation)",
        "get_materialized_view_configuration_changes(existing_relation, new_config)",
        "get_rename_materialized_view_sql(relation, new_name)", "get_rename_table_sql(relation, new_name)",
        "get_rename_view_sql(relation, new_name)", "get_replace_materialized_view_sql(relation, sql)",
        "get_replace_table_sql(relation, sql)", "get_replace_view_sql(relation, sql)",
      ]),
  ]

  /// `create … as`
  static let tables = [
    File(
      "relations/create.sql",
      dispatching: [
        "get_create_table_as_sql(temporary, relation, sql)", "get_create_view_as_sql(relation, sql)",
        "create_view_as(relation, sql)", "get_select_subquery(sql)", "get_table_columns_and_constraints()",
        "get_assert_columns_equivalent(sql)",
      ],
      #"""
      {% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
        {%- set found = adapter.dispatch('create_table_as', 'dbt') -%}
        {{ found(temporary, relation, compiled_code) if language == 'sql'
           else found(temporary, relation, compiled_code, language) }}
      {%- endmacro %}

      {% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
        {{ return(create_table_as(temporary, relation, sql)) }}
      {%- endmacro %}

      {% macro default__get_create_view_as_sql(relation, sql) -%}
        {{ return(create_view_as(relation, sql)) }}
      {%- endmacro %}

      {% macro default__create_table_as(temporary, relation, sql) -%}
        {%- set checked = config.get('contract').enforced and not temporary -%}
        {{ config.get('sql_header') or '' }}
        create {{ 'temporary ' if temporary }}table {{ relation.include(database=not temporary, schema=not temporary) }}
        {%- if checked %}
          {{ get_assert_columns_equivalent(sql) }}
          {{ get_table_columns_and_constraints() }}
        {%- endif %}
        as (
          {{ get_select_subquery(sql) if checked else sql }}
        );
      {%- endmacro %}

      {% macro default__create_view_as(relation, sql) -%}
        {{ config.get('sql_header') or '' }}
        create view {{ relation.render() }}
        {%- if config.get('contract').enforced %} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
        as (
          {{ sql }}
        );
      {%- endmacro %}

      {% macro default__get_column_names() %}
        {%- set names = [] -%}
        {%- for column in model['columns'].values() -%}
          {%- do names.append(adapter.quote(column['name']) if column.get('quote') else column['name']) -%}
        {%- endfor -%}
        {{ names | join(', ') }}
      {% endmacro %}

      {% macro default__get_select_subquery(sql) %}
          select {{ adapter.dispatch('get_column_names', 'dbt')() | trim }}
          from (
              {{ sql }}
          ) as model_subq
      {%- endmacro %}

      {% macro default__get_table_columns_and_constraints() -%}
        {{ return(table_columns_and_constraints()) }}
      {%- endmacro %}

      {% macro table_columns_and_constraints() %}
        {%- set parts = adapter.render_raw_columns_constraints(raw_columns=model['columns'])
                        + adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
        (
          {{ parts | join(',\n    ') }}
        )
      {% endmacro %}

      {% macro default__get_assert_columns_equivalent(sql) -%}
        {{ return(assert_columns_equivalent(sql)) }}
      {%- endmacro %}

      {% macro assert_columns_equivalent(sql) %}
        {%- if not model['columns'] -%}{%- do exceptions.raise_contract_error([], []) -%}{%- endif -%}
        {%- set given = format_columns(get_column_schema_from_query(sql, config.get('sql_header', none))) -%}
        {%- set declared = format_columns(get_column_schema_from_query(get_empty_schema_sql(model['columns']))) -%}
        {%- set given_texts = given | map(attribute='formatted') | sort | list -%}
        {%- if given_texts != declared | map(attribute='formatted') | sort | list -%}
          {%- do exceptions.raise_contract_error(declared, given) -%}
        {%- endif -%}
      {% endmacro %}

      {% macro format_columns(columns) %}
        {%- set formatted = [] -%}
        {%- for column in columns -%}
          {%- do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) -%}
        {%- endfor -%}
        {%- do return(formatted) -%}
      {% endmacro %}

      {% macro default__format_column(column) -%}
        {%- do return({
          'name': column.name, 'data_type': column.dtype, 'formatted': column.column.lower() ~ ' ' ~ column.dtype
        }) -%}
      {%- endmacro %}
      """#)
  ]

  static let columns = [
    File(
      "adapters/columns.sql",
      dispatching: [
        "get_columns_in_relation(relation)", "get_empty_subquery_sql(select_sql, select_sql_header=none)",
        "get_empty_schema_sql(columns)", "get_columns_in_query(select_sql)",
        "alter_column_type(relation, column_name, new_column_type)",
        "alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none)",
      ],
      #"""
      {% macro default__get_columns_in_relation(relation) -%}
        {%- do exceptions.raise_not_implemented('get_columns_in_relation is not written for ' ~ adapter.type()) -%}
      {%- endmacro %}

      {% macro sql_convert_columns_in_relation(table) -%}
        {%- set found = [] -%}
        {%- for row in table -%}{%- do found.append(api.Column(*row)) -%}{%- endfor -%}
        {%- do return(found) -%}
      {%- endmacro %}

      {% macro get_list_of_column_names(columns) -%}
        {%- do return(columns | map(attribute='name') | list) -%}
      {%- endmacro %}

      {% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
          {{- select_sql_header ~ '\n' if select_sql_header is not none }}
          select * from (
              {{ select_sql }}
          ) as __dbt_sbq
          where false
          limit 0
      {% endmacro %}

      {% macro default__get_empty_schema_sql(columns) %}
        {%- set untyped = [] -%}
        {%- set unsized = [] -%}
        {%- set selected = [] -%}
        {%- for column in columns.values() -%}
          {%- if column['data_type'] is not defined -%}
            {%- do untyped.append(column['name']) -%}
          {%- else -%}
            {%- if column['data_type'].strip().lower() in ('numeric', 'decimal', 'number') -%}
              {%- do unsized.append(column['name']) -%}
            {%- endif -%}
            {%- set name = adapter.quote(column['name']) if column.get('quote') else column['name'] -%}
            {%- do selected.append((dbt.cast('null', column['data_type']) | trim) ~ ' as ' ~ name) -%}
          {%- endif -%}
        {%- endfor -%}
        {%- if untyped -%}{%- do exceptions.column_type_missing(column_names=untyped) -%}{%- endif -%}
        {%- if unsized -%}
          {%- do exceptions.warn('numeric without precision and scale may round: ' ~ unsized | join(', ')) -%}
        {%- endif -%}
        select {{ selected | join(', ') }}
      {% endmacro %}

      {% macro get_column_schema_from_query(select_sql, select_sql_header=none) -%}
        {%- do return(adapter.get_column_schema_from_query(get_empty_subquery_sql(select_sql, select_sql_header))) -%}
      {%- endmacro %}

      {% macro default__get_columns_in_query(select_sql) %}
        {%- call statement('get_columns_in_query', fetch_result=True, auto_begin=False) -%}
          {{ get_empty_subquery_sql(select_sql) }}
        {%- endcall -%}
        {%- do return(load_result('get_columns_in_query').table.columns | map(attribute='name') | list) -%}
      {% endmacro %}

      {% macro default__alter_column_type(relation, column_name, new_column_type) -%}
        {%- set old = adapter.quote(column_name) -%}
        {%- set new = adapter.quote(column_name ~ '__dbt_alter') -%}
        {%- set table = relation.render() -%}
        {%- call statement('alter_column_type') -%}
          alter table {{ table }} add column {{ new }} {{ new_column_type }};
          update {{ table }} set {{ new }} = {{ old }};
          alter table {{ table }} drop column {{ old }} cascade;
          alter table {{ table }} rename column {{ new }} to {{ old }}
        {%- endcall -%}
      {%- endmacro %}

      {% macro default__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
        {%- set changes = [] -%}
        {%- for column in add_columns or [] -%}
          {%- do changes.append('add column ' ~ column.quoted ~ ' ' ~ column.expanded_data_type) -%}
        {%- endfor -%}
        {%- for column in remove_columns or [] -%}
          {%- do changes.append('drop column ' ~ column.quoted) -%}
        {%- endfor -%}
        {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation.render() ~ ' ' ~ changes | join(', ')) -%}
      {% endmacro %}
      """#)
  ]

  static let schemas = [
    File(
      "adapters/schema.sql", dispatching: ["create_schema(relation)", "drop_schema(relation)"],
      #"""
      {% macro default__create_schema(relation) -%}
        {%- call statement('create_schema') -%} create schema if not exists {{ relation.without_identifier() }} {%- endcall -%}
      {%- endmacro %}

      {% macro default__drop_schema(relation) -%}
        {%- call statement('drop_schema') -%} drop schema if exists {{ relation.without_identifier() }} cascade {%- endcall -%}
      {%- endmacro %}
      """#)
  ]

  static let metadata = [
    File(
      "adapters/metadata.sql",
      dispatching: [
        "information_schema_name(database)", "list_schemas(database)",
        "check_schema_exists(information_schema, schema)", "list_relations_without_caching(schema_relation)",
        "get_relations()", "get_relation_last_modified(information_schema, relations)", "validate_sql(sql)",
        "collect_freshness(source, loaded_at_field, filter)",
        "collect_freshness_custom_sql(source, loaded_at_query)",
        "get_catalog(information_schema, schemas)", "get_catalog_relations(information_schema, relations)",
        "get_catalog_for_single_relation(relation)",
        "list_function_relations_without_caching(schema_relation)",
      ],
      #"""
      {% macro default__information_schema_name(database) -%}
        {{ database ~ '.' if database }}INFORMATION_SCHEMA
      {%- endmacro %}

      {% macro default__list_schemas(database) -%}
        {%- do return(run_query(
          'select distinct schema_name from ' ~ information_schema_name(database) ~ ".SCHEMATA where catalog_name ilike '"
          ~ database ~ "'")) -%}
      {%- endmacro %}

      {% macro default__check_schema_exists(information_schema, schema) -%}
        {%- do return(run_query(
          'select count(*) from ' ~ information_schema ~ ".SCHEMATA where schema_name = '" ~ schema ~ "'")) -%}
      {%- endmacro %}

      {% macro default__validate_sql(sql) -%}
        {%- call statement('validate_sql') -%} explain {{ sql }} {%- endcall -%}
        {%- do return(load_result('validate_sql')) -%}
      {%- endmacro %}

      {% macro default__collect_freshness(source, loaded_at_field, filter) %}
        {%- call statement('collect_freshness', fetch_result=True, auto_begin=False) -%}
          select max({{ loaded_at_field }}) as max_loaded_at, {{ current_timestamp() }} as snapshotted_at
          from {{ source }}{{ ' where ' ~ filter if filter }}
        {%- endcall -%}
        {%- do return(load_result('collect_freshness')) -%}
      {% endmacro %}

      {% macro default__collect_freshness_custom_sql(source, loaded_at_query) %}
        {%- call statement('collect_freshness_custom_sql', fetch_result=True, auto_begin=False) -%}
          select ({{ loaded_at_query }}) as max_loaded_at, {{ current_timestamp() }} as snapshotted_at
        {%- endcall -%}
        {%- do return(load_result('collect_freshness_custom_sql')) -%}
      {% endmacro %}

      {% macro is_core_v2() -%}
        {%- do return(dbt_version.split('.')[0] == '2') -%}
      {%- endmacro %}
      """#),
    .unwritten(
      "adapters/unwritten.sql",
      [
        "get_catalog(information_schema, schemas)", "get_catalog_relations(information_schema, relations)",
        "get_catalog_for_single_relation(relation)", "get_relations()",
        "get_relation_last_modified(information_schema, relations)",
        "list_relations_without_caching(schema_relation)",
        "list_function_relations_without_caching(schema_relation)",
        "get_drop_index_sql(relation, index_name)", "get_show_indexes_sql(relation)",
        "alter_column_comment(relation, column_dict)", "alter_relation_comment(relation, relation_comment)",
      ]),
  ]

  static let indexes = [
    File(
      "adapters/indexes.sql",
      dispatching: [
        "get_create_index_sql(relation, index_dict)", "create_indexes(relation)",
        "get_drop_index_sql(relation, index_name)", "get_show_indexes_sql(relation)",
      ],
      #"""
      {% macro default__get_create_index_sql(relation, index_dict) -%}{%- do return(none) -%}{%- endmacro %}

      {% macro default__create_indexes(relation) -%}
        {%- for wanted in config.get('indexes', default=[]) or [] -%}
          {%- set sql = get_create_index_sql(relation, wanted) -%}
          {%- if sql -%}{%- do run_query(sql) -%}{%- endif -%}
        {%- endfor -%}
      {%- endmacro %}
      """#)
  ]

  static let grants = [
    File(
      "adapters/apply_grants.sql",
      dispatching: [
        "copy_grants()", "support_multiple_grantees_per_dcl_statement()", "get_show_grant_sql(relation)",
        "get_grant_sql(relation, privilege, grantees)", "get_revoke_sql(relation, privilege, grantees)",
        "get_dcl_statement_list(relation, grant_config, get_dcl_macro)",
        "call_dcl_statements(dcl_statement_list)",
        "apply_grants(relation, grant_config, should_revoke)",
      ],
      #"""
      {% macro default__copy_grants() %}{{ return(True) }}{% endmacro %}

      {% macro default__support_multiple_grantees_per_dcl_statement() %}{{ return(True) }}{% endmacro %}

      {% macro should_revoke(existing_relation, full_refresh_mode=True) %}
        {%- if not existing_relation -%}{%- do return(False) -%}{%- endif -%}
        {%- do return(copy_grants() if full_refresh_mode else True) -%}
      {% endmacro %}

      {% macro default__get_show_grant_sql(relation) %}
          show grants on {{ relation.render() }}
      {% endmacro %}

      {% macro default__get_grant_sql(relation, privilege, grantees) -%}
          grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
      {%- endmacro %}

      {% macro default__get_revoke_sql(relation, privilege, grantees) -%}
        {%- set quoted = [] -%}
        {%- for grantee in grantees -%}{%- do quoted.append(adapter.quote(grantee)) -%}{%- endfor -%}
        revoke {{ privilege }} on {{ relation.render() }} from {{ quoted | join(', ') }}
      {%- endmacro %}

      {% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
        {%- set statements = [] -%}
        {%- set together = support_multiple_grantees_per_dcl_statement() -%}
        {%- for privilege, grantees in grant_config.items() if grantees -%}
          {%- for group in ([grantees] if together else grantees | batch(1)) -%}
            {%- do statements.append(get_dcl_macro(relation, privilege, group)) -%}
          {%- endfor -%}
        {%- endfor -%}
        {%- do return(statements) -%}
      {%- endmacro %}

      {% macro default__call_dcl_statements(dcl_statement_list) %}
        {%- call statement('grants') -%}{{ dcl_statement_list | join(';\n') }};{%- endcall -%}
      {% endmacro %}

      {% macro default__apply_grants(relation, grant_config, should_revoke=True) %}
        {%- if grant_config -%}
          {%- set wanted = grant_config -%}
          {%- set unwanted = {} -%}
          {%- if should_revoke -%}
            {%- set present = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) -%}
            {%- set wanted = diff_of_two_dicts(grant_config, present) -%}
            {%- set unwanted = diff_of_two_dicts(present, grant_config) -%}
          {%- endif -%}
          {%- set statements = get_dcl_statement_list(relation, unwanted, get_revoke_sql)
                               + get_dcl_statement_list(relation, wanted, get_grant_sql) -%}
          {%- if statements -%}{%- do call_dcl_statements(statements) -%}{%- endif -%}
        {%- endif -%}
      {% endmacro %}
      """#)
  ]

  static let comments = [
    File(
      "adapters/persist_docs.sql",
      dispatching: [
        "alter_column_comment(relation, column_dict)", "alter_relation_comment(relation, relation_comment)",
        "persist_docs(relation, model, for_relation=true, for_columns=true)",
      ],
      #"""
      {% macro validate_doc_columns(relation, column_dict, existing_column_names) %}
        {%- set folded = existing_column_names | map('lower') | list -%}
        {%- set present = {} -%}
        {%- set missing = [] -%}
        {%- for name, column in column_dict.items() -%}
          {%- if name in existing_column_names or (not column['quote'] and name | lower in folded) -%}
            {%- do present.update({name: column}) -%}
          {%- else -%}
            {%- do missing.append(name) -%}
          {%- endif -%}
        {%- endfor -%}
        {%- if missing -%}
          {%- do exceptions.warn(
            relation.render() ~ ' has no such column as its properties describe: ' ~ missing | join(', ')) -%}
        {%- endif -%}
        {%- do return(present) -%}
      {% endmacro %}

      {% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
        {%- if for_relation and config.persist_relation_docs() and model.description -%}
          {%- do run_query(alter_relation_comment(relation, model.description)) -%}
        {%- endif -%}
        {%- if for_columns and config.persist_column_docs() and model.columns -%}
          {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
          {%- set sql = alter_column_comment(relation, validate_doc_columns(relation, model.columns, there)) -%}
          {%- if sql and sql | trim -%}{%- do run_query(sql) -%}{%- endif -%}
        {%- endif -%}
      {%- endmacro %}
      """#)
  ]
}
