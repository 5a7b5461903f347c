extension Prelude {
  /// The history that a snapshot keeps: how it begins, what a run finds changed, and how that is stored.
  ///
  /// A project changes any of these by a macro of the same name, so a snapshot always passes through them.
  static let snapshots = [snapshotHelpers, snapshotStrategies, snapshotQueries, snapshotRun]

  private static let snapshotHelpers = File(
    "materializations/snapshots/helpers.sql",
    dispatching: [
      "create_columns(relation, columns)", "post_snapshot(staging_relation)", "get_true_sql()",
      "snapshot_hash_arguments(args)", "snapshot_merge_sql(target, source, insert_cols)",
      "snapshot_staging_table(strategy, source_sql, target_relation)", "build_snapshot_table(strategy, sql)",
    ],
    #"""
    {% macro default__create_columns(relation, columns) %}
      {%- for column in columns -%}
        {%- call statement() -%}
          alter table {{ relation.render() }} add column {{ adapter.quote(column.name) }} {{ column.expanded_data_type }};
        {%- endcall -%}
      {%- endfor -%}
    {% endmacro %}

    {% macro default__post_snapshot(staging_relation) %}{% endmacro %}

    {% macro default__get_true_sql() %}{{ return('TRUE') }}{% endmacro %}

    {% macro default__snapshot_hash_arguments(args) -%}
        md5({%- for arg in args -%}
            coalesce(cast({{ arg }} as varchar ), '')
            {% if not loop.last %} || '|' || {% endif %}
        {%- endfor -%})
    {%- endmacro %}

    {% macro get_snapshot_table_column_names() %}
      {%- set names = {} -%}
      {%- for name in ['dbt_valid_to', 'dbt_valid_from', 'dbt_scd_id', 'dbt_updated_at', 'dbt_is_deleted'] -%}
        {%- do names.update({name: name}) -%}
      {%- endfor -%}
      {%- do return(names) -%}
    {% endmacro %}

    {% macro get_dbt_valid_to_current(strategy, columns) -%}
      {#- Typed as the time it ends up beside: nullif of a value with itself is a NULL of that type. -#}
      coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }}) as {{ columns.dbt_valid_to }}
    {%- endmacro %}

    {% macro unique_key_fields(unique_key) %}
      {%- if unique_key | is_list -%}
        {%- for key in unique_key -%}
          {{ key }} as dbt_unique_key_{{ loop.index }}{{ ', ' if not loop.last }}
        {%- endfor -%}
      {%- else -%}
        {{ unique_key }} as dbt_unique_key
      {%- endif -%}
    {% endmacro %}

    {% macro unique_key_join_on(unique_key, identifier, from_identifier) %}
      {%- if unique_key | is_list -%}
        {%- for key in unique_key -%}
          {{ equals(identifier ~ '.dbt_unique_key_' ~ loop.index, from_identifier ~ '.dbt_unique_key_' ~ loop.index) }}{{ ' and ' if not loop.last }}
        {%- endfor -%}
      {%- else -%}
        {{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
      {%- endif -%}
    {% endmacro %}

    {% macro unique_key_is_null(unique_key, identifier) -%}
      {{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is null
    {%- endmacro %}

    {% macro unique_key_is_not_null(unique_key, identifier) -%}
      {{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is not null
    {%- endmacro %}

    {% macro get_updated_at_column_data_type(snapshot_sql) %}
      {%- for column in get_column_schema_from_query(snapshot_sql) if column.column in ['dbt_updated_at', 'DBT_UPDATED_AT'] -%}
        {%- do return(column.dtype) -%}
      {%- endfor -%}
      {%- do return(none) -%}
    {% endmacro %}

    {% macro check_time_data_types(sql) %}
      {%- set stored = get_updated_at_column_data_type(sql) -%}
      {%- set now = get_snapshot_get_time_data_type() -%}
      {%- if stored and now and stored != now -%}
        {%- do exceptions.warn_snapshot_timestamp_data_types(now, stored) -%}
      {%- endif -%}
    {% endmacro %}

    {% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
      {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
      {%- set open_end = config.get('dbt_valid_to_current') -%}
      {%- set end = 'DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to -%}
      {%- set names = insert_cols | join(', ') -%}
      merge into {{ target.render() }} as DBT_INTERNAL_DEST
      using {{ source }} as DBT_INTERNAL_SOURCE
      on DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}
      when matched and ({{ equals(end, open_end | trim) ~ ' or ' if open_end }}{{ end }} is null)
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
        then update set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
      when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
        then insert ({{ names }}) values ({{ names }})
    {%- endmacro %}
    """#)

  private static let snapshotStrategies = File(
    "dbt", "materializations/snapshots/strategies.sql",
    #"""
    {% macro strategy_dispatch(name) -%}
      {%- set parts = name.split('.', 1) -%}
      {%- set macro_name = 'snapshot_' ~ parts[-1] ~ '_strategy' -%}
      {%- if parts | length == 2 and parts[0] not in context -%}
        {%- do exceptions.raise_compiler_error("No package '" ~ parts[0] ~ "' for the snapshot strategy '" ~ name ~ "'") -%}
      {%- endif -%}
      {%- set searched = context[parts[0]] if parts | length == 2 else context -%}
      {%- if macro_name not in searched -%}
        {%- do exceptions.raise_compiler_error("No macro '" ~ macro_name ~ "' for the snapshot strategy '" ~ name ~ "'") -%}
      {%- endif -%}
      {%- do return(searched[macro_name]) -%}
    {%- endmacro %}

    {% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
      {%- set time = config.get('updated_at') -%}
      {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
      {%- do return(_snapshot_strategy(
        time, '(' ~ snapshotted_rel ~ '.' ~ columns.dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ time ~ ')')) -%}
    {% endmacro %}

    {% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
      {%- if not target_exists -%}{%- do return((false, query_columns)) -%}{%- endif -%}
      {%- if check_cols_config == 'all' -%}
        {%- set wanted = get_columns_in_query(node['compiled_code']) -%}
      {%- elif check_cols_config is iterable and check_cols_config | length > 0 -%}
        {#- The server says how the names are written: the query may end in a comment. -#}
        {%- set chosen -%}
          select {{ check_cols_config | join(', ') }} from (
            {{ node['compiled_code'] }}
          ) subq
        {%- endset -%}
        {%- set wanted = get_columns_in_query(chosen) -%}
      {%- else -%}
        {%- do exceptions.raise_compiler_error("'check_cols' is neither 'all' nor a list of columns: " ~ check_cols_config) -%}
      {%- endif -%}
      {%- set table = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
      {%- set stored = adapter.get_columns_in_relation(table) | map(attribute='name') | list -%}
      {%- set compared = [] -%}
      {%- for name in wanted if name in stored -%}{%- do compared.append(adapter.quote(name)) -%}{%- endfor -%}
      {%- do return((compared | length < wanted | length, compared)) -%}
    {%- endmacro %}

    {% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
      {%- set time = config.get('updated_at') or snapshot_get_time() -%}
      {%- set column_added, names = snapshot_check_all_get_existing_columns(node, target_exists, config.get('check_cols')) -%}
      {%- set changed -%}
        (
        {%- if column_added -%}
          {{ get_true_sql() }}
        {%- else -%}
          {%- for name in names -%}
            {%- set old = snapshotted_rel ~ '.' ~ name -%}
            {%- set new = current_rel ~ '.' ~ name -%}
            {{ old }} != {{ new }}
            or ({{ old }} is null and {{ new }} is not null)
            or ({{ old }} is not null and {{ new }} is null)
            {{- ' or ' if not loop.last -}}
          {%- endfor -%}
        {%- endif -%}
        )
      {%- endset -%}
      {%- do return(_snapshot_strategy(time, changed)) -%}
    {% endmacro %}

    {% macro _snapshot_strategy(time, changed) %}
      {%- set key = config.get('unique_key') -%}
      {%- set deletes = adapter.get_hard_deletes_behavior(config) -%}
      {%- do return({
        'unique_key': key, 'updated_at': time, 'row_changed': changed,
        'scd_id': snapshot_hash_arguments(api.Relation.scd_args(key, time)),
        'invalidate_hard_deletes': deletes == 'invalidate', 'hard_deletes': deletes,
      }) -%}
    {% endmacro %}
    """#)

  private static let snapshotQueries = File(
    "dbt", "materializations/snapshots/snapshot.sql",
    #"""
    {% macro default__build_snapshot_table(strategy, sql) %}
      {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
      select *,
        {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, columns) }}
        {%- if strategy.hard_deletes == 'new_record' %},
        'False' as {{ columns.dbt_is_deleted }}
        {%- endif %}
      from (
        {{ sql }}
      ) sbq
    {% endmacro %}

    {% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
      {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
      {%- set open_end = config.get('dbt_valid_to_current') -%}
      {%- set key = strategy.unique_key -%}
      {%- set keeps_deletes = strategy.hard_deletes == 'new_record' -%}
      {%- set looks_for_deletes = strategy.hard_deletes in ['invalidate', 'new_record'] -%}
      {%- set same_key = unique_key_join_on(key, 'snapshotted_data', 'source_data') -%}
      {%- set now = snapshot_get_time() -%}
      {%- set was_deleted = 'snapshotted_data.' ~ columns.dbt_is_deleted ~ " = 'True'" -%}
      {%- set still_open -%}
        snapshotted_data.{{ columns.dbt_valid_to }} {{ '= ' ~ open_end if open_end else 'is null' }}
      {%- endset -%}
      {%- set changed = strategy.row_changed ~ (' or ' ~ was_deleted if keeps_deletes else '') -%}
      with snapshot_query as (

        {{ source_sql }}

      ),

      snapshotted_data as (
        select *, {{ unique_key_fields(key) }}
        from {{ target_relation }}
        where
        {%- if open_end %} ({{ equals(columns.dbt_valid_to | trim, open_end | trim) }} or {{ columns.dbt_valid_to | trim }} is null)
        {%- else %} {{ columns.dbt_valid_to }} is null
        {%- endif %}
      ),

      insertions_source_data as (
        select *, {{ unique_key_fields(key) }},
          {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
          {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
          {{ get_dbt_valid_to_current(strategy, columns) }},
          {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
        from snapshot_query
      ),

      updates_source_data as (
        select *, {{ unique_key_fields(key) }},
          {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
          {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
          {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
        from snapshot_query
      ),

      {%- if looks_for_deletes %}
      deletes_source_data as (
        select *, {{ unique_key_fields(key) }} from snapshot_query
      ),
      {%- endif %}

      insertions as (
        select 'insert' as dbt_change_type, source_data.*
          {{- ", 'False' as " ~ columns.dbt_is_deleted if keeps_deletes }}
        from insertions_source_data as source_data
        left join snapshotted_data on {{ same_key }}
        where {{ unique_key_is_null(key, 'snapshotted_data') }}
          or ({{ unique_key_is_not_null(key, 'snapshotted_data') }} and ({{ changed }}))
      ),

      updates as (
        select 'update' as dbt_change_type, source_data.*, snapshotted_data.{{ columns.dbt_scd_id }}
          {{- ', snapshotted_data.' ~ columns.dbt_is_deleted if keeps_deletes }}
        from updates_source_data as source_data
        join snapshotted_data on {{ same_key }}
        where ({{ changed }})
      )

      {%- if strategy.late %},
      late as (
        {#- Nothing is stored of these; they are told of. -#}
        select 'late' as dbt_change_type, source_data.*
          {{- ", 'False' as " ~ columns.dbt_is_deleted if keeps_deletes }}
        from insertions_source_data as source_data
        join snapshotted_data on {{ same_key }}
        where {{ strategy.late ~ (' and not ' ~ was_deleted if keeps_deletes else '') }}
      )
      {%- endif %}

      {%- if looks_for_deletes %},
      deletes as (
        select 'delete' as dbt_change_type, source_data.*,
          {{ now }} as {{ columns.dbt_valid_from }},
          {{ now }} as {{ columns.dbt_updated_at }},
          {{ now }} as {{ columns.dbt_valid_to }},
          snapshotted_data.{{ columns.dbt_scd_id }}
          {{- ', snapshotted_data.' ~ columns.dbt_is_deleted if keeps_deletes }}
        from snapshotted_data
        left join deletes_source_data as source_data on {{ same_key }}
        where {{ unique_key_is_null(key, 'source_data') }}
          {%- if keeps_deletes %}
          and not ({{ was_deleted }} and {{ still_open }})
          {%- endif %}
      )
      {%- endif %}

      {%- if keeps_deletes %}
      {%- set stored = get_list_of_column_names(get_columns_in_relation(target_relation)) -%},
      deletion_records as (
        select 'insert' as dbt_change_type,
          {%- for name in get_columns_in_query(source_sql) %}
          {{ 'snapshotted_data' if name in stored else 'source_data' }}.{{ adapter.quote(name) }},
          {%- endfor %}
          {%- if key | is_list %}
            {%- for part in key %}
          snapshotted_data.{{ part }} as dbt_unique_key_{{ loop.index }},
            {%- endfor %}
          {%- else %}
          snapshotted_data.dbt_unique_key as dbt_unique_key,
          {%- endif %}
          {{ now }} as {{ columns.dbt_valid_from }},
          {{ now }} as {{ columns.dbt_updated_at }},
          snapshotted_data.{{ columns.dbt_valid_to }} as {{ columns.dbt_valid_to }},
          {{ snapshot_hash_arguments([columns.dbt_scd_id, now]) }} as {{ columns.dbt_scd_id }},
          'True' as {{ columns.dbt_is_deleted }}
        from snapshotted_data
        left join deletes_source_data as source_data on {{ same_key }}
        where {{ unique_key_is_null(key, 'source_data') }}
          and not ({{ was_deleted }} and {{ still_open }})
      )
      {%- endif %}

      select * from insertions
      union all
      select * from updates
      {%- if strategy.late %}
      union all
      select * from late
      {%- endif %}
      {%- if looks_for_deletes %}
      union all
      select * from deletes
      {%- endif %}
      {%- if keeps_deletes %}
      union all
      select * from deletion_records
      {%- endif %}
    {%- endmacro %}

    {% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
      {%- set staging = make_temp_relation(target_relation) -%}
      {%- set query = snapshot_staging_table(strategy, sql, target_relation) -%}
      {%- call statement('build_snapshot_staging_relation') -%}
        {{ create_table_as(True, staging, query) }}
      {%- endcall -%}
      {%- do return(staging) -%}
    {% endmacro %}
    """#)

  /// The parts of a snapshot's plan that are rendered when their turn comes; the staging table's name and the columns
  /// to store go from one to the next as the result of a statement.
  private static let snapshotRun = File(
    "dbt", "materializations/snapshots/run.sql",
    #"""
    {% macro whc_snapshot_first() %}
      {%- set table = this.incorporate(type='table') -%}
      {%- set strategy = strategy_dispatch(config.get('strategy'))(
        model, 'snapshotted_data', 'source_data', model['config'], false) -%}
      {%- set query = build_snapshot_table(strategy, model['compiled_code']) -%}
      {%- do check_time_data_types(query) -%}
      {%- do store_result('whc_snapshot', response={'strategy': strategy}) -%}
      {{ create_table_as(False, table, query) }}
    {% endmacro %}

    {% macro whc_snapshot_stage(notes_late=false) %}
      {%- set table = this.incorporate(type='table') -%}
      {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
      {%- set strategy = strategy_dispatch(config.get('strategy'))(
        model, 'snapshotted_data', 'source_data', model['config'], true) -%}
      {%- set stored = adapter.get_columns_in_relation(table) -%}
      {%- do adapter.assert_valid_snapshot_target_given_strategy(table, columns, strategy, stored) -%}
      {%- if notes_late -%}
        {%- do strategy.update({
          'late': 'snapshotted_data.' ~ columns.dbt_valid_from ~ ' > source_data.' ~ columns.dbt_valid_from}) -%}
      {%- endif -%}
      {%- do check_time_data_types(snapshot_staging_table(strategy, sql, table)) -%}
      {%- set staging = build_snapshot_staging_table(strategy, sql, table) -%}
      {%- set helpers = ['dbt_change_type', 'DBT_CHANGE_TYPE', 'dbt_unique_key', 'DBT_UNIQUE_KEY'] -%}
      {%- if config.get('unique_key') | is_list -%}
        {%- for key in strategy.unique_key -%}
          {%- do helpers.append('dbt_unique_key_' ~ loop.index) -%}
          {%- do helpers.append('DBT_UNIQUE_KEY_' ~ loop.index) -%}
        {%- endfor -%}
      {%- endif -%}
      {%- set staged = adapter.get_columns_in_relation(staging) | rejectattr('name', 'in', helpers) | list -%}
      {%- set wider = [] -%}
      {%- for old in stored -%}
        {%- for new in staged if new.name == old.name and old.can_expand_to(other_column=new) -%}
          {%- do wider.append(new.name) -%}
        {%- endfor -%}
      {%- endfor -%}
      {%- if wider -%}
        {%- do adapter.expand_target_column_types(from_relation=staging, to_relation=table) -%}
      {%- endif -%}
      {%- set known = stored | map(attribute='name') | list -%}
      {%- set missing = staged | rejectattr('name', 'in', known) | list -%}
      {%- do create_columns(table, missing) -%}
      {%- set names = [] -%}
      {%- for column in staged -%}{%- do names.append(adapter.quote(column.name)) -%}{%- endfor -%}
      {%- do store_result('whc_snapshot', response={'strategy': strategy, 'staging': staging, 'names': names}) -%}
    {% endmacro %}

    {% macro whc_snapshot_merge() %}
      {%- set state = load_result('whc_snapshot').response -%}
      {%- do store_result('whc_snapshot', response=state) -%}
      {{ snapshot_merge_sql(target=this.incorporate(type='table'), source=state.staging, insert_cols=state.names) }}
    {% endmacro %}

    {% macro whc_snapshot_grants(was_there) %}
      {%- set revokes = should_revoke(was_there, full_refresh_mode=false) -%}
      {%- do apply_grants(this.incorporate(type='table'), config.get('grants'), should_revoke=revokes) -%}
    {% endmacro %}

    {% macro whc_snapshot_finish() %}
      {%- set staging = load_result('whc_snapshot').response.staging -%}
      {%- do post_snapshot(staging) -%}
      drop table if exists {{ staging }}
    {% endmacro %}

    {#- The rows that a snapshot stores without a word although they make its history wrong: how many, and one. -#}
    {% macro whc_snapshot_doubts(kind) %}
      {%- set state = load_result('whc_snapshot').response -%}
      {%- do store_result('whc_snapshot', response=state) -%}
      {%- set strategy = state.strategy -%}
      {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
      {%- set names = _snapshot_key_names(strategy.unique_key) -%}
      {%- set keys = names | join(', ') -%}
      {%- if state.staging -%}
        {%- set rows -%}
          select * from {{ state.staging }} where dbt_change_type = '{{ 'late' if kind == 'late' else 'insert' }}'
        {%- endset -%}
      {%- else -%}
        {%- set rows -%} select *, {{ unique_key_fields(strategy.unique_key) }} from {{ this }} {%- endset -%}
      {%- endif -%}
      {%- if kind == 'duplicate' -%}
        select count(*) over () as found, {{ keys }}, count(*) as new_rows
        from ({{ rows }}) as doubted
        where {{ names | join(' is not null and ') }} is not null
        group by {{ keys }} having count(*) > 1 order by {{ keys }} limit 3
      {%- elif kind == 'null' -%}
        select count(*) as found from ({{ rows }}) as doubted
        where {{ names | join(' is null or ') }} is null having count(*) > 0
      {%- elif kind == 'late' -%}
        select count(*) over () as found, {{ keys }}, {{ columns.dbt_valid_from }}
        from ({{ rows }}) as doubted order by {{ keys }}, {{ columns.dbt_valid_from }} limit 3
      {%- else -%}
        {%- set open_end = config.get('dbt_valid_to_current') -%}
        {%- set new_keys = [] -%}{%- set old_keys = [] -%}
        {%- for name in names -%}
          {%- do new_keys.append('added.' ~ name) -%}{%- do old_keys.append('closed.' ~ name) -%}
        {%- endfor -%}
        select count(*) over () as found, {{ new_keys | join(', ') }},
          added.{{ columns.dbt_valid_from }}, closed.{{ columns.dbt_valid_to }} as overlapped_until
        from ({{ rows }}) as added
        join (
          select *, {{ unique_key_fields(strategy.unique_key) }} from {{ this }}
          where {{ columns.dbt_valid_to }} is not null
          {{- ' and ' ~ columns.dbt_valid_to ~ ' <> ' ~ open_end if open_end }}
        ) as closed
          on ({{ new_keys | join(', ') }}) = ({{ old_keys | join(', ') }})
        where closed.{{ columns.dbt_valid_to }} > added.{{ columns.dbt_valid_from }}
        order by 2 limit 3
      {%- endif -%}
    {% endmacro %}

    {% macro _snapshot_key_names(unique_key) %}
      {%- if not (unique_key | is_list) -%}{%- do return(['dbt_unique_key']) -%}{%- endif -%}
      {%- set names = [] -%}
      {%- for key in unique_key -%}{%- do names.append('dbt_unique_key_' ~ loop.index) -%}{%- endfor -%}
      {%- do return(names) -%}
    {% endmacro %}
    """#)
}
