extension Prelude {
  /// What Redshift does otherwise than PostgreSQL; where it has no macro of its own, PostgreSQL's is taken.
  static let redshift = [
    redshiftUtilities, redshiftTables, redshiftRelations, redshiftIncremental, redshiftGrants,
    redshiftLoading,
  ]

  private static let redshiftUtilities = File(
    "dbt_redshift", "utils.sql",
    #"""
    {% macro redshift__dateadd(datepart, interval, from_date_or_timestamp) %}

        dateadd(
            {{ datepart }},
            {{ interval }},
            {{ from_date_or_timestamp }}
            )

    {% endmacro %}

    {% macro redshift__datediff(first_date, second_date, datepart) -%}

        datediff(
            {{ datepart }},
            {{ first_date }},
            {{ second_date }}
            )

    {%- endmacro %}

    {% macro redshift__any_value(expression) -%}

        any_value({{ expression }})

    {%- endmacro %}

    {% macro redshift__current_timestamp() -%}
        getdate()
    {%- endmacro %}

    {% macro redshift__current_timestamp_backcompat() -%}
        getdate()
    {%- endmacro %}

    {% macro redshift__current_timestamp_in_utc_backcompat() -%}
        getdate()
    {%- endmacro %}

    {% macro redshift__snapshot_get_time() -%}
      {{ current_timestamp() }}::timestamp
    {%- endmacro %}

    {% macro redshift__snapshot_string_as_time(timestamp) -%}
      {{ return("'" ~ timestamp ~ "'::timestamp") }}
    {%- endmacro %}

    {% macro redshift__length(expression) %}

        len(
            {{ expression }}
        )

    {%- endmacro %}

    {% macro redshift__last_day(date, datepart) %}
      {#- dateadd counts in quarters too. -#}
      {%- set start = dbt.date_trunc(datepart, date) -%}
      cast({{ dbt.dateadd('day', '-1', dbt.dateadd(datepart, '1', start)) }} as date)
    {% endmacro %}

    {% macro redshift__cast_bool_to_text(field) %}
        case when {{ field }} then 'true' when not {{ field }} then 'false' end::text
    {% endmacro %}

    {% macro redshift__split_part(string_text, delimiter_text, part_number) %}
      {%- set found = dbt.default__split_part if part_number >= 0 else dbt._split_part_negative -%}
      {{ found(string_text, delimiter_text, part_number) }}
    {% endmacro %}

    {% macro redshift__array_construct(inputs, data_type) -%}
        array({{ inputs | join(', ') }})
    {%- endmacro %}

    {% macro redshift__array_concat(array_1, array_2) -%}
        array_concat({{ array_1 }}, {{ array_2 }})
    {%- endmacro %}

    {% macro redshift__array_append(array, new_element) -%}
        {{ array_concat(array, array_construct([new_element])) }}
    {%- endmacro %}

    {% macro redshift__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
      {%- set ordered = ' within group (' ~ order_by_clause ~ ')' if order_by_clause else '' -%}
      {%- set whole = 'listagg(' ~ measure ~ ', ' ~ delimiter_text ~ ')' ~ ordered -%}
      {%- if limit_num -%}
        {#- The first parts of the text; the delimiter's own signs are taken by themselves. -#}
        {%- set ns = namespace(sign='') -%}
        {%- for letter in (delimiter_text | trim("'")) -%}
          {%- set ns.sign = ns.sign ~ ('\\\\' ~ letter if letter in '\\^$.|?*+()[]{}' else letter) -%}
        {%- endfor -%}
        {%- set part = '[^' ~ ns.sign ~ ']+' -%}
        regexp_substr({{ whole }}, '({{ part }}{{ ns.sign }}){1,{{ limit_num - 1 }}}{{ part }}')
      {%- else -%}
        {{ whole }}
      {%- endif -%}
    {%- endmacro %}
    """#)

  private static let redshiftTables = File(
    "dbt_redshift", "adapters.sql",
    #"""
    {% macro dist(dist) %}
      {%- if dist is not none -%}
        {%- if dist is not string -%}
          {%- do exceptions.raise_compiler_error("'dist' is one column, or all, even or auto; Redshift takes no list of them") -%}
        {%- endif -%}
        {%- set place = dist.strip().lower() -%}
        {%- if place in ['all', 'even'] -%} diststyle {{ place }}
        {%- elif place != 'auto' -%} diststyle key distkey ({{ place }})
        {%- endif -%}
      {%- endif -%}
    {%- endmacro %}

    {% macro sort(sort_type, sort) %}
      {%- if sort is not none -%}
        {{ sort_type or 'compound' }} sortkey({{ sort if sort is string else sort | join(',') }})
      {%- endif -%}
    {%- endmacro %}

    {% macro redshift__create_table_as(temporary, relation, sql) -%}
      {%- set name = relation.include(database=(not temporary), schema=(not temporary)) -%}
      {%- set enforced = config.get('contract').enforced -%}
      {{ config.get('sql_header') or '' }}
      create {{ 'temporary ' if temporary }}table {{ name }}
      {%- if enforced %}
        {{ get_table_columns_and_constraints() }}
        {{ get_assert_columns_equivalent(sql) }}
        {%- set sql = get_select_subquery(sql) %}
      {%- endif %}
        {{ 'backup no' if config.get('backup') == false }}
        {{ dist(config.get('dist')) }}
        {{ sort(config.get('sort_type'), config.get('sort')) }}
      {%- if enforced %};
      insert into {{ name }}
        (
          {{ sql }}
        );
      {%- else %}
      as (
        {{ sql }}
      );
      {%- endif %}
    {%- endmacro %}

    {% macro _redshift_binding() -%}
      {{ 'with no schema binding' if config.get('bind', default=True) == false }}
    {%- endmacro %}

    {% macro redshift__create_view_as(relation, sql) -%}
      {{ config.get('sql_header') or '' }}
      create view {{ relation }}
      {%- if config.get('contract').enforced %} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
      as (
        {{ sql }}
      ) {{ _redshift_binding() }};
    {%- endmacro %}

    {% macro redshift__get_replace_view_sql(relation, sql) -%}
      {{ config.get('sql_header') or '' }}
      create or replace view {{ relation }}
      {%- if config.get('contract').enforced %} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
      as (
        {{ sql }}
      ) {{ _redshift_binding() }};
    {%- endmacro %}

    {% macro redshift__create_csv_table(model, agate_table) %}
      {%- set types = model['config'].get('column_types', {}) -%}
      {%- set sql -%}
        create table {{ this.render() }} (
          {%- for name in agate_table.column_names -%}
            {{ adapter.quote_seed_column(name, model['config'].get('quote_columns')) }}
            {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}{{ ', ' if not loop.last }}
          {%- endfor -%}
        )
        {{ dist(model['config'].get('dist')) }}
      {%- endset -%}
      {%- call statement('_') -%} {{ sql }} {%- endcall -%}
      {%- do return(sql) -%}
    {% endmacro %}

    {% macro redshift__get_batch_size() %}{{ return(500) }}{% endmacro %}

    {% macro redshift__alter_relation_comment(relation, comment) %}
      {%- set kind = 'view' if relation.type == 'materialized_view' else relation.type -%}
      comment on {{ kind }} {{ relation }} is {{ postgres_escape_comment(comment) }};
    {% endmacro %}

    {% macro redshift__persist_docs(relation, model, for_relation, for_columns) -%}
      {#- The columns of a view without schema binding take no comments. -#}
      {%- set is_late = relation.type == 'view' and config.get('bind') == false -%}
      {%- do default__persist_docs(relation, model, for_relation, for_columns and not is_late) -%}
    {%- endmacro %}

    {% macro redshift__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
      {#- One column a statement. -#}
      {%- for column in add_columns or [] -%}
        {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation ~ ' add column ' ~ column.quoted ~ ' ' ~ column.data_type) -%}
      {%- endfor -%}
      {%- for column in remove_columns or [] -%}
        {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation ~ ' drop column ' ~ column.quoted) -%}
      {%- endfor -%}
    {% endmacro %}
    """#)

  private static let redshiftRelations = File(
    "dbt_redshift", "relations.sql",
    #"""
    {% macro redshift__get_rename_view_sql(relation, new_name) %}
        alter table {{ relation }} rename to {{ new_name }}
    {% endmacro %}

    {% macro redshift__get_create_materialized_view_as_sql(relation, sql) %}
        {%- set place = dist(config.get('dist')) | trim -%}
        {%- set order = config.get('sort') -%}
        create materialized view {{ relation }}
          backup {{ 'no' if config.get('backup') == false else 'yes' }}
          {{ place or 'diststyle even' }}
          {% if order -%} sortkey ({{ order if order is string else order | join(',') }}) {%- endif %}
          auto refresh {{ 'yes' if config.get('auto_refresh') else 'no' }}
        as (
          {{ sql }}
        )
    {% endmacro %}

    {% macro redshift__list_relations_without_caching(schema_relation) %}
      {%- call statement('list_relations_without_caching', fetch_result=True) -%}
        select '{{ schema_relation.database }}' as database, table_name as name, table_schema as schema, 'table' as type
        from information_schema.tables
        where table_schema ilike '{{ schema_relation.schema }}' and table_type = 'BASE TABLE'
        union all
        select '{{ schema_relation.database }}', table_name, table_schema,
               case when view_definition ilike '%create materialized view%' then 'materialized_view' else 'view' end
        from information_schema.views
        where table_schema ilike '{{ schema_relation.schema }}'
      {%- endcall -%}
      {%- do return(load_result('list_relations_without_caching').table) -%}
    {% endmacro %}

    {% macro redshift__get_relations() -%}{{ return(postgres__get_relations()) }}{%- endmacro %}
    """#)

  private static let redshiftIncremental = File(
    "dbt_redshift", "incremental.sql",
    #"""
    {#- The target of DELETE and MERGE has no other name than its own. -#}
    {% macro _redshift_predicates(target, predicates) %}
      {%- set found = [] -%}
      {%- for predicate in predicates or [] -%}
        {%- do found.append(
          predicate | replace('DBT_INTERNAL_DEST.', target ~ '.') | replace('dbt_internal_dest.', target ~ '.')) -%}
      {%- endfor -%}
      {%- do return(found) -%}
    {% endmacro %}

    {% macro redshift__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
      {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) -%}
      {%- if unique_key -%}
        {%- set key = unique_key if unique_key is string else unique_key | join(', ') -%}
        delete from {{ target }}
        where ({{ key }}) in (
          select distinct {{ key }}
          from {{ source }} as DBT_INTERNAL_SOURCE
        )
        {%- for predicate in _redshift_predicates(target, incremental_predicates) %}
        and {{ predicate }}
        {%- endfor %};
      {%- endif %}

      insert into {{ target }} ({{ names }})
        (
          select {{ names }}
          from {{ source }}
        )
    {%- endmacro %}

    {% macro redshift__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
      {%- set predicates = _redshift_predicates(target, incremental_predicates) -%}
      {%- set updated = get_merge_update_columns(
        config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
      {%- set inserted = get_merge_update_columns(none, none, dest_columns) -%}
      {%- for key in ([unique_key] if unique_key is string else unique_key or []) -%}
        {%- do predicates.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = ' ~ target ~ '.' ~ key) -%}
      {%- endfor -%}
      {%- if not unique_key -%}{%- do predicates.append('FALSE') -%}{%- endif -%}
      {{ config.get('sql_header') or '' }}
      merge into {{ target }}
        using {{ source }} as DBT_INTERNAL_SOURCE
        on ({{ predicates | join(') and (') }})
      {%- if unique_key %}
      when matched then update set
        {% for name in updated %}{{ name }} = DBT_INTERNAL_SOURCE.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
      {%- endif %}
      when not matched then insert ({{ inserted | join(', ') }})
      values (
        {%- for name in inserted %}DBT_INTERNAL_SOURCE.{{ name }}{{ ', ' if not loop.last }}{% endfor -%}
      )
    {%- endmacro %}

    {% macro redshift__get_incremental_microbatch_sql(arg_dict) %}
      {%- set target = arg_dict['target_relation'] -%}
      {%- set batch = model.batch -%}
      {%- if not batch or not batch.event_time_start or not batch.event_time_end -%}
        {%- do exceptions.raise_compiler_error('the running batch has no beginning or no end') -%}
      {%- endif -%}
      {%- set time = model.config.event_time -%}
      {%- set predicates = _redshift_predicates(target, arg_dict.get('incremental_predicates')) -%}
      {%- do predicates.append(time ~ " >= TIMESTAMP '" ~ batch.event_time_start ~ "'") -%}
      {%- do predicates.append(time ~ " < TIMESTAMP '" ~ batch.event_time_end ~ "'") -%}
      {%- set names = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
      delete from {{ target }}
      where ({{ predicates | join(' and ') }});

      insert into {{ target }} ({{ names }})
      (
        select {{ names }}
        from {{ arg_dict['temp_relation'] }}
      )
    {% endmacro %}

    {% macro redshift__snapshot_merge_sql(target, source, insert_cols) -%}
      {{ postgres__snapshot_merge_sql(target, source, insert_cols) }}
    {%- endmacro %}
    """#)

  private static let redshiftGrants = File(
    "dbt_redshift", "grants.sql",
    #"""
    {% macro redshift__get_show_grant_sql(relation) %}
      {#- What each user may do, asked one by one: rights of groups and roles are not told here. -#}
      with rights as (
        {%- for right in ['select', 'insert', 'update', 'delete', 'references'] %}
        {{ 'union all ' if not loop.first }}select '{{ right }}'::varchar as privilege_type
        {%- endfor %}
      )
      select u.usename as grantee, rights.privilege_type
      from pg_user u
      cross join rights
      where has_table_privilege(u.usename, '{{ relation }}', rights.privilege_type)
        and u.usename != current_user
        and not u.usesuper
    {% endmacro %}
    """#)
}
