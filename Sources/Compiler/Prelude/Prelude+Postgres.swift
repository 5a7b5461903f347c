extension Prelude {
  /// What PostgreSQL does its own way.
  static let postgres = [
    File(
      "dbt_postgres", "utils.sql",
      #"""
      {% macro postgres__any_value(expression) -%}

          min({{ expression }})

      {%- endmacro %}

      {% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) %}

          {{ from_date_or_timestamp }} + ((interval '1 {{ datepart }}') * ({{ interval }}))

      {% endmacro %}

      {% macro postgres__datediff(first_date, second_date, datepart) -%}
        {%- set coarser = {
          'quarter': ['year', 4], 'month': ['year', 12], 'hour': ['day', 24], 'minute': ['hour', 60],
          'second': ['minute', 60], 'millisecond': ['minute', 60000], 'microsecond': ['minute', 60000000]
        } -%}
        {%- set type = 'date' if datepart in ['year', 'quarter', 'month'] else 'timestamp' -%}
        {%- set first_part = "date_part('" ~ datepart ~ "', (" ~ first_date ~ ')::' ~ type ~ ')' -%}
        {%- set second_part = "date_part('" ~ datepart ~ "', (" ~ second_date ~ ')::' ~ type ~ ')' -%}
        {%- if datepart == 'year' -%}
          ({{ second_part }} - {{ first_part }})
        {%- elif datepart == 'day' -%}
          (({{ second_date }})::date - ({{ first_date }})::date)
        {%- elif datepart == 'week' -%}
          {%- set days = datediff(first_date, second_date, 'day') -%}
          ({{ days }} / 7 + case
              when date_part('dow', ({{ first_date }})::timestamp) <= date_part('dow', ({{ second_date }})::timestamp)
                then case when {{ first_date }} <= {{ second_date }} then 0 else -1 end
              else case when {{ first_date }} <= {{ second_date }} then 1 else 0 end
          end)
        {%- elif datepart in coarser -%}
          {%- set whole = datediff(first_date, second_date, coarser[datepart][0]) -%}
          {%- if datepart in ['second', 'millisecond', 'microsecond'] -%}
            {%- set first_part = 'floor(' ~ first_part ~ ')' -%}
            {%- set second_part = 'floor(' ~ second_part ~ ')' -%}
          {%- endif -%}
          ({{ whole }} * {{ coarser[datepart][1] }} + {{ second_part }} - {{ first_part }})
        {%- else -%}
          {%- do exceptions.raise_compiler_error("datediff does not know the datepart '" ~ datepart ~ "' in postgres") -%}
        {%- endif -%}
      {%- endmacro %}

      {% macro postgres__equals(expr1, expr2) -%}
        {%- if adapter.behavior.enable_truthy_nulls_equals_macro.no_warn -%}
          ({{ expr1 }} IS NOT DISTINCT FROM {{ expr2 }})
        {%- else -%}
          ({{ expr1 }} = {{ expr2 }})
        {%- endif -%}
      {%- endmacro %}

      {% macro postgres__last_day(date, datepart) -%}
        {%- if datepart != 'quarter' -%}
          {{ return(dbt.default_last_day(date, datepart)) }}
        {%- endif -%}
        {#- An interval cannot be counted in quarters. -#}
        {%- set next_start = dbt.dateadd('month', '3', dbt.date_trunc(datepart, date)) -%}
        cast(
              {{ dbt.dateadd('day', '-1', next_start) }}
              as date)
      {%- endmacro %}

      {% macro postgres__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
        {%- if limit_num -%}
          array_to_string((array_agg({{ measure }} {{ order_by_clause or '' }}))[1:{{ limit_num }}], {{ delimiter_text }})
        {%- else -%}
          string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }})
        {%- endif -%}
      {%- endmacro %}

      {% macro postgres__split_part(string_text, delimiter_text, part_number) %}
        {%- set found = dbt.default__split_part if part_number >= 0 else dbt._split_part_negative -%}
        {{ found(string_text, delimiter_text, part_number) }}
      {% endmacro %}

      {% macro postgres__current_timestamp() -%}
          now()
      {%- endmacro %}

      {% macro postgres__snapshot_get_time() -%}
        {{ current_timestamp() }}::timestamp without time zone
      {%- endmacro %}

      {% macro postgres__snapshot_string_as_time(timestamp) -%}
        {{ return("'" ~ timestamp ~ "'::timestamp without time zone") }}
      {%- endmacro %}

      {% macro postgres__current_timestamp_backcompat() %}
          current_timestamp::{{ type_timestamp() }}
      {% endmacro %}

      {% macro postgres__current_timestamp_in_utc_backcompat() %}
          (current_timestamp at time zone 'utc')::{{ type_timestamp() }}
      {% endmacro %}
      """#),
    File(
      "dbt_postgres", "adapters.sql",
      #"""
      {% macro postgres__create_table_as(temporary, relation, sql) -%}
        {%- set enforced = config.get('contract').enforced -%}
        {{ config.get('sql_header') or '' }}
        create {{ 'temporary ' if temporary else 'unlogged ' if config.get('unlogged', default=false) }}table {{ relation }}
        {%- if enforced %} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
        {%- if enforced and not temporary %}
          {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} (
          {{ adapter.dispatch('get_column_names', 'dbt')() | trim }}
        )
        (
          {{ get_select_subquery(sql) }}
        );
        {%- else %}
        as
        (
          {{ sql }}
        );
        {%- endif -%}
      {%- endmacro %}

      {% macro postgres__get_create_index_sql(relation, index_dict) -%}
        {%- set index = adapter.parse_index(index_dict) -%}
        create {{ 'unique ' if index.unique }}index if not exists "{{ index.render(relation) }}"
        on {{ relation }} {{ 'using ' ~ index.type if index.type }}
        ({{ index.columns | join(', ') }})
      {%- endmacro %}

      {% macro postgres__get_drop_index_sql(relation, index_name) -%}
          drop index if exists "{{ relation.schema }}"."{{ index_name }}"
      {%- endmacro %}

      {% macro postgres__get_show_indexes_sql(relation) %}
          select index_class.relname as name, method.amname as method, entry.indisunique as "unique",
                 string_agg(attribute.attname, ',' order by attribute.attnum) as column_names
          from pg_catalog.pg_class as owner
          join pg_catalog.pg_namespace as schema on schema.oid = owner.relnamespace
          join pg_catalog.pg_index as entry on entry.indrelid = owner.oid
          join pg_catalog.pg_class as index_class on index_class.oid = entry.indexrelid
          join pg_catalog.pg_am as method on method.oid = index_class.relam
          join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = owner.oid and attribute.attnum = any(entry.indkey)
          where schema.nspname = '{{ relation.schema }}' and owner.relname = '{{ relation.identifier }}'
            and owner.relkind in ('r', 'm')
          group by 1, 2, 3
          order by 1, 2, 3
      {% endmacro %}

      {% macro postgres__create_schema(relation) -%}
        {%- if relation.database -%}{%- do adapter.verify_database(relation.database) -%}{%- endif -%}
        {%- call statement('create_schema') -%}
          create schema if not exists {{ relation.without_identifier().include(database=False) }}
        {%- endcall -%}
      {%- endmacro %}

      {% macro postgres__drop_schema(relation) -%}
        {%- if relation.database -%}{%- do adapter.verify_database(relation.database) -%}{%- endif -%}
        {%- call statement('drop_schema') -%}
          drop schema if exists {{ relation.without_identifier().include(database=False) }} cascade
        {%- endcall -%}
      {%- endmacro %}

      {% macro postgres__get_columns_in_relation(relation) -%}
        {%- call statement('get_columns_in_relation', fetch_result=True) -%}
          select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
          from {{ relation.information_schema('columns') }}
          where table_name = '{{ relation.identifier }}'
            {%- if relation.schema %} and table_schema = '{{ relation.schema }}'{% endif %}
          order by ordinal_position
        {%- endcall -%}
        {%- do return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) -%}
      {%- endmacro %}

      {% macro postgres__information_schema_name(database) -%}
        {%- if database -%}{%- do adapter.verify_database(database) -%}{%- endif -%}
        information_schema
      {%- endmacro %}

      {% macro postgres__list_schemas(database) %}
        {%- if database -%}{%- do adapter.verify_database(database) -%}{%- endif -%}
        {%- do return(run_query('select distinct nspname from pg_catalog.pg_namespace')) -%}
      {% endmacro %}

      {% macro postgres__check_schema_exists(information_schema, schema) -%}
        {%- if information_schema.database -%}{%- do adapter.verify_database(information_schema.database) -%}{%- endif -%}
        {%- do return(run_query("select count(*) from pg_catalog.pg_namespace where nspname = '" ~ schema ~ "'")) -%}
      {%- endmacro %}

      {% macro postgres__list_relations_without_caching(schema_relation) %}
        {%- call statement('list_relations_without_caching', fetch_result=True) -%}
          select '{{ schema_relation.database }}' as database, class.relname as name, space.nspname as schema,
                 case class.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end as type
          from pg_catalog.pg_class as class
          join pg_catalog.pg_namespace as space on space.oid = class.relnamespace
          where space.nspname ilike '{{ schema_relation.schema }}' and class.relkind in ('r', 'p', 'v', 'm')
        {%- endcall -%}
        {%- do return(load_result('list_relations_without_caching').table) -%}
      {% endmacro %}

      {% macro postgres__make_relation_with_suffix(base_relation, suffix, dstring) %}
        {%- if dstring -%}
          {%- set suffix = suffix ~ modules.datetime.datetime.now().strftime('%H%M%S%f') -%}
        {%- endif -%}
        {%- set room = base_relation.relation_max_name_length() - suffix | length -%}
        {%- if room < 0 -%}
          {%- do exceptions.raise_compiler_error("The suffix '" ~ suffix ~ "' is longer than a name may be") -%}
        {%- endif -%}
        {%- do return(base_relation.incorporate(path={'identifier': base_relation.identifier[:room] ~ suffix})) -%}
      {% endmacro %}

      {% macro postgres__make_intermediate_relation(base_relation, suffix) %}
        {%- do return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=False)) -%}
      {% endmacro %}

      {% macro postgres__make_temp_relation(base_relation, suffix) %}
        {%- set named = postgres__make_relation_with_suffix(base_relation, suffix, dstring=True) -%}
        {%- do return(named.incorporate(path={'schema': none, 'database': none})) -%}
      {% endmacro %}

      {% macro postgres__make_backup_relation(base_relation, backup_relation_type, suffix) %}
        {%- set named = postgres__make_relation_with_suffix(base_relation, suffix, dstring=False) -%}
        {%- do return(named.incorporate(type=backup_relation_type)) -%}
      {% endmacro %}

      {% macro postgres_escape_comment(comment) -%}
        {%- if comment is not string -%}
          {%- do exceptions.raise_compiler_error('A comment must be text: ' ~ comment) -%}
        {%- endif -%}
        {%- set fence = '$dbt_comment_literal_block$' -%}
        {%- if fence in comment -%}
          {%- do exceptions.raise_compiler_error('A comment cannot hold ' ~ fence) -%}
        {%- endif -%}
        {{ fence }}{{ comment }}{{ fence }}
      {%- endmacro %}

      {% macro postgres__alter_relation_comment(relation, comment) %}
        comment on {{ relation.type | replace('_', ' ') }} {{ relation }} is {{ postgres_escape_comment(comment) }};
      {% endmacro %}

      {% macro postgres__alter_column_comment(relation, column_dict) %}
        {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
        {%- for name, column in column_dict.items() if name in there %}
          comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }} is {{ postgres_escape_comment(column['description']) }};
        {%- endfor %}
      {% endmacro %}

      {% macro postgres__get_show_grant_sql(relation) -%}
        select grantee, privilege_type
        from {{ relation.information_schema('role_table_grants') }}
        where grantor = current_role and grantee != current_role
          and table_schema = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
      {%- endmacro %}

      {% macro postgres__copy_grants() %}{{ return(False) }}{% endmacro %}
      """#),
    File(
      "dbt_postgres", "relations.sql",
      #"""
      {% macro postgres__drop_table(relation) -%}
          drop table if exists {{ relation }} cascade
      {%- endmacro %}

      {% macro postgres__drop_view(relation) -%}
          drop view if exists {{ relation }} cascade
      {%- endmacro %}

      {% macro postgres__drop_materialized_view(relation) -%}
          drop materialized view if exists {{ relation }} cascade
      {%- endmacro %}

      {% macro postgres__get_rename_table_sql(relation, new_name) %}
          alter table {{ relation }} rename to {{ new_name }}
      {% endmacro %}

      {% macro postgres__get_rename_view_sql(relation, new_name) %}
          alter view {{ relation }} rename to {{ new_name }}
      {% endmacro %}

      {% macro postgres__get_rename_materialized_view_sql(relation, new_name) %}
          alter materialized view {{ relation }} rename to {{ new_name }}
      {% endmacro %}

      {% macro postgres__refresh_materialized_view(relation) %}
          refresh materialized view {{ relation }}
      {% endmacro %}

      {% macro postgres__get_create_materialized_view_as_sql(relation, sql) %}
          create materialized view if not exists {{ relation }} as {{ sql }};
          {% for index in config.get('indexes', []) or [] -%}
            {{ get_create_index_sql(relation, index) }};
          {% endfor %}
      {% endmacro %}

      {% macro postgres__describe_materialized_view(relation) %}
        {%- do return({'indexes': run_query(get_show_indexes_sql(relation))}) -%}
      {% endmacro %}

      {% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) %}
        {%- do return(existing_relation.get_materialized_view_config_change_collection(
          postgres__describe_materialized_view(existing_relation), new_config.model)) -%}
      {% endmacro %}

      {% macro postgres__get_alter_materialized_view_as_sql(
        relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) %}
        {%- if configuration_changes.requires_full_refresh -%}
          {{ get_replace_sql(existing_relation, relation, sql) }}
        {%- else -%}
          {{ postgres__update_indexes_on_materialized_view(relation, configuration_changes.indexes) }}
        {%- endif -%}
      {% endmacro %}

      {% macro postgres__update_indexes_on_materialized_view(relation, index_changes) -%}
        {%- for change in index_changes -%}
          {%- if change.action == 'drop' -%} {{ postgres__get_drop_index_sql(relation, change.context.name) }};
          {%- else -%} {{ postgres__get_create_index_sql(relation, change.context.as_node_config) }};
          {%- endif -%}
        {%- endfor -%}
      {%- endmacro %}

      {% macro postgres__formatted_scalar_function_args_sql() -%}
        {{ default__formatted_scalar_function_args_sql() }}
      {%- endmacro %}

      {% macro postgres__get_replace_table_sql(relation, sql) -%}
        {{ config.get('sql_header') or '' }}
        create or replace table {{ relation }}
        {%- if config.get('contract').enforced %}
          {{ get_assert_columns_equivalent(sql) }} {{ get_table_columns_and_constraints() }}
          {%- set sql = get_select_subquery(sql) %}
        {%- endif %}
        as (
          {{ sql }}
        );
      {%- endmacro %}

      {% macro postgres__get_replace_view_sql(relation, sql) -%}
        {{ config.get('sql_header') or '' }}
        create or replace view {{ relation }}
        {%- if config.get('contract').enforced %} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
        as (
          {{ sql }}
        );
      {%- endmacro %}

      {% macro postgres__get_incremental_default_sql(arg_dict) %}
        {%- do return(
          get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) -%}
      {% endmacro %}

      {% macro postgres__get_incremental_microbatch_sql(arg_dict) %}
        {%- if not arg_dict['unique_key'] -%}
          {%- do exceptions.raise_compiler_error('microbatch on postgres needs a unique_key') -%}
        {%- endif -%}
        {%- do return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) -%}
      {% endmacro %}

      {% macro postgres__snapshot_merge_sql(target, source, insert_cols) -%}
        {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
        {%- set open_end = config.get('dbt_valid_to_current') -%}
        {%- set end = target ~ '.' ~ columns.dbt_valid_to -%}
        update {{ target }}
        set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
        from {{ source }} as DBT_INTERNAL_SOURCE
        where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }}::text = {{ target }}.{{ columns.dbt_scd_id }}::text
          and DBT_INTERNAL_SOURCE.dbt_change_type::text in ('update'::text, 'delete'::text)
          and ({{ end }} is null{{ ' or ' ~ end ~ ' = ' ~ open_end if open_end }});

        insert into {{ target }} ({{ insert_cols | join(', ') }})
        select DBT_INTERNAL_SOURCE.{{ insert_cols | join(', DBT_INTERNAL_SOURCE.') }}
        from {{ source }} as DBT_INTERNAL_SOURCE
        where DBT_INTERNAL_SOURCE.dbt_change_type::text = 'insert'::text;
      {%- endmacro %}

      {% macro postgres__get_relations() -%}
        {%- call statement('relations', fetch_result=True) -%}
          select distinct view_space.nspname as dependent_schema, view.relname as dependent_name,
                 read_space.nspname as referenced_schema, read.relname as referenced_name
          from pg_catalog.pg_rewrite as rule
          join pg_catalog.pg_class as view on view.oid = rule.ev_class
          join pg_catalog.pg_namespace as view_space on view_space.oid = view.relnamespace
          join pg_catalog.pg_depend as dependency
            on dependency.classid = 'pg_rewrite'::regclass and dependency.objid = rule.oid
            and dependency.refclassid = 'pg_class'::regclass and dependency.refobjid != view.oid
          join pg_catalog.pg_class as read on read.oid = dependency.refobjid
          join pg_catalog.pg_namespace as read_space on read_space.oid = read.relnamespace
          where read_space.nspname != 'information_schema' and read_space.nspname not like 'pg\_%'
          order by 1, 2, 3, 4
        {%- endcall -%}
        {%- do return(load_result('relations').table) -%}
      {%- endmacro %}

      {% macro postgres_get_relations() %}{{ return(postgres__get_relations()) }}{% endmacro %}
      """#),
    File(
      "dbt_postgres", "catalog.sql",
      #"""
      {% macro postgres__get_catalog(information_schema, schemas) -%}
        {%- set relations = [] -%}
        {%- for schema in schemas -%}{%- do relations.append({'schema': schema}) -%}{%- endfor -%}
        {%- do return(postgres__get_catalog_relations(information_schema, relations)) -%}
      {%- endmacro %}

      {% macro postgres__get_catalog_relations(information_schema, relations) -%}
        {%- set database = information_schema.database -%}
        {%- do adapter.verify_database(database) -%}
        {%- call statement('catalog', fetch_result=True) -%}
          select '{{ database }}' as table_database, space.nspname as table_schema, class.relname as table_name,
                 case class.relkind
                   when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE'
                 end as table_type,
                 obj_description(class.oid, 'pg_class') as table_comment,
                 attribute.attname as column_name, attribute.attnum as column_index,
                 format_type(attribute.atttypid, attribute.atttypmod) as column_type,
                 col_description(class.oid, attribute.attnum) as column_comment,
                 pg_get_userbyid(class.relowner) as table_owner
          from pg_catalog.pg_class as class
          join pg_catalog.pg_namespace as space on space.oid = class.relnamespace
          join pg_catalog.pg_attribute as attribute on attribute.attrelid = class.oid
          where class.relkind in ('r', 'v', 'f', 'p', 'm') and class.relpersistence in ('p', 'u')
            and not pg_is_other_temp_schema(space.oid)
            and attribute.attnum > 0 and not attribute.attisdropped
            and ({%- for relation in relations -%}
              {{ ' or ' if not loop.first }}upper(space.nspname) = upper('{{ relation.schema }}')
              {%- if relation.identifier %} and upper(class.relname) = upper('{{ relation.identifier }}'){% endif %}
            {%- else -%} false {%- endfor -%})
          order by space.nspname, class.relname, attribute.attnum
        {%- endcall -%}
        {%- do return(load_result('catalog').table) -%}
      {%- endmacro %}
      """#),
  ]
}
