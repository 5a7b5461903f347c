extension Prelude {
  /// Changing a table instead of making it anew.
  static let incremental = [
    File(
      "dbt", "materializations/models/incremental/is_incremental.sql",
      #"""
      {% macro is_incremental() %}
        {%- if not execute -%}{%- do return(False) -%}{%- endif -%}
        {%- set found = adapter.get_relation(this.database, this.schema, this.table) -%}
        {%- do return(
          found is not none and found.type == 'table' and model.config.materialized == 'incremental'
          and not should_full_refresh()) -%}
      {% endmacro %}
      """#),
    File(
      "dbt", "materializations/models/incremental/run.sql",
      #"""
      {#- Brings a table forward by the project's own macros; the staging table's name is kept for the end. -#}
      {% macro whc_incremental_rows() %}
        {%- set table = this.incorporate(type='table') -%}
        {%- set staging = make_temp_relation(table) -%}
        {%- call statement('create_temp_relation') -%}{{ create_table_as(True, staging, sql) }}{%- endcall -%}
        {%- if not config.get('contract').enforced -%}
          {%- do adapter.expand_target_column_types(from_relation=staging, to_relation=table) -%}
        {%- endif -%}
        {%- set mode = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
        {%- set columns = process_schema_changes(mode, staging, table) or adapter.get_columns_in_relation(table) -%}
        {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
        {%- do store_result('whc_incremental', response=staging) -%}
        {{ strategy({
          'target_relation': table, 'temp_relation': staging, 'unique_key': config.get('unique_key'),
          'dest_columns': columns,
          'incremental_predicates': config.get('predicates') or config.get('incremental_predicates'),
        }) }}
      {% endmacro %}

      {% macro whc_incremental_finish() %}
        drop table if exists {{ load_result('whc_incremental').response }}
      {% endmacro %}
      """#),
    File(
      "materializations/models/incremental/strategies.sql",
      dispatching: [
        "get_incremental_append_sql(arg_dict)", "get_incremental_delete_insert_sql(arg_dict)",
        "get_incremental_merge_sql(arg_dict)", "get_incremental_insert_overwrite_sql(arg_dict)",
        "get_incremental_default_sql(arg_dict)", "get_incremental_microbatch_sql(arg_dict)",
      ],
      #"""
      {% macro default__get_incremental_append_sql(arg_dict) %}
        {%- do return(get_insert_into_sql(
          arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) -%}
      {% endmacro %}

      {% macro default__get_incremental_delete_insert_sql(arg_dict) %}
        {%- do return(get_delete_insert_merge_sql(
          arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'],
          arg_dict['incremental_predicates'])) -%}
      {% endmacro %}

      {% macro default__get_incremental_merge_sql(arg_dict) %}
        {%- do return(get_merge_sql(
          arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'],
          arg_dict['incremental_predicates'])) -%}
      {% endmacro %}

      {% macro default__get_incremental_insert_overwrite_sql(arg_dict) %}
        {%- do return(get_insert_overwrite_merge_sql(
          arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'],
          arg_dict['incremental_predicates'])) -%}
      {% endmacro %}

      {% macro default__get_incremental_default_sql(arg_dict) %}
        {%- do return(get_incremental_append_sql(arg_dict)) -%}
      {% endmacro %}

      {% macro default__get_incremental_microbatch_sql(arg_dict) %}
        {%- do exceptions.raise_not_implemented('microbatch is not written for ' ~ adapter.type()) -%}
      {% endmacro %}

      {% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) %}
        {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) %}
          insert into {{ target_relation }} ({{ names }})
          (
              select {{ names }}
              from {{ temp_relation }}
          )
      {% endmacro %}
      """#),
    File(
      "materializations/models/incremental/merge.sql",
      dispatching: [
        "get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates)",
        "get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false)",
        "get_merge_unique_key_match(source_unique_key, target_unique_key)",
        "get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns)",
      ],
      #"""
      {% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
        {#- An older name of the argument is still understood. -#}
        {%- set predicates = kwargs.get('predicates', incremental_predicates) -%}
        {{ return(adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, predicates)) }}
      {%- endmacro %}

      {% macro default__get_merge_unique_key_match(source_unique_key, target_unique_key) -%}
        {{ return(equals(source_unique_key, target_unique_key) | trim) }}
      {%- endmacro %}

      {% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
        {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) -%}
        {%- set updated = get_merge_update_columns(
          config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
        {%- set conditions = (incremental_predicates or []) | list -%}
        {%- if not unique_key -%}
          {%- do conditions.append('FALSE') -%}
        {%- elif unique_key is string -%}
          {%- do conditions.append(
            get_merge_unique_key_match('DBT_INTERNAL_SOURCE.' ~ unique_key, 'DBT_INTERNAL_DEST.' ~ unique_key)) -%}
        {%- else -%}
          {%- for key in unique_key -%}
            {%- do conditions.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
          {%- endfor -%}
        {%- endif %}

          {{ config.get('sql_header') or '' }}

          merge into {{ target }} as DBT_INTERNAL_DEST
              using {{ source }} as DBT_INTERNAL_SOURCE
              on ({{ conditions | join(') and (') }})
          {% if unique_key %}
          when matched then update set
              {% for column in updated -%}
              {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{{ ', ' if not loop.last }}
              {%- endfor %}
          {% endif %}
          when not matched then insert
              ({{ names }})
          values
              ({{ names }})
      {% endmacro %}

      {% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
        {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) -%}
        {%- if unique_key -%}
          {%- set keys = unique_key if unique_key is string else unique_key | join(', ') %}
          delete from {{ target }} as DBT_INTERNAL_DEST
          where ({{ keys }}) in (
              select distinct {{ keys }}
              from {{ source }} as DBT_INTERNAL_SOURCE
          )
          {%- for predicate in incremental_predicates or [] %}
              and {{ predicate }}
          {%- endfor -%};
        {% endif %}
          insert into {{ target }} ({{ names }})
          (
              select {{ names }}
              from {{ source }}
          )
      {%- endmacro %}

      {% macro default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
        {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) -%}
          {{ config.get('sql_header') or '' if include_sql_header }}
          merge into {{ target }} as DBT_INTERNAL_DEST
              using {{ source }} as DBT_INTERNAL_SOURCE
              on FALSE
          when not matched by source
              {{ 'and ' ~ predicates | join(' and ') if predicates }}
              then delete
          when not matched then insert
              ({{ names }})
          values
              ({{ names }})
      {% endmacro %}

      {% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
        {%- if merge_update_columns and merge_exclude_columns -%}
          {%- do exceptions.raise_compiler_error(
            'A model has merge_update_columns or merge_exclude_columns, not both') -%}
        {%- elif merge_update_columns -%}
          {%- do return(merge_update_columns) -%}
        {%- endif -%}
        {%- set left_out = (merge_exclude_columns or []) | map('lower') | list -%}
        {%- set updated = [] -%}
        {%- for column in dest_columns if column.column | lower not in left_out -%}
          {%- do updated.append(column.quoted) -%}
        {%- endfor -%}
        {%- do return(updated) -%}
      {% endmacro %}
      """#),
    File(
      "materializations/models/incremental/columns.sql",
      dispatching: [
        "diff_column_data_types(source_columns, target_columns)",
        "check_for_schema_changes(source_relation, target_relation)",
        "sync_column_schemas(on_schema_change, target_relation, schema_changes_dict)",
        "process_schema_changes(on_schema_change, source_relation, target_relation)",
      ],
      #"""
      {% macro get_quoted_csv(column_names) %}
        {%- set quoted = [] -%}
        {%- for name in column_names -%}{%- do quoted.append(adapter.quote(name)) -%}{%- endfor -%}
        {%- do return(quoted | join(', ')) -%}
      {% endmacro %}

      {% macro diff_columns(source_columns, target_columns) %}
        {%- set present = target_columns | map(attribute='column') | list -%}
        {%- do return(source_columns | rejectattr('name', 'in', present) | list) -%}
      {% endmacro %}

      {% macro default__diff_column_data_types(source_columns, target_columns) %}
        {%- set changed = [] -%}
        {%- for new in source_columns -%}
          {%- for old in target_columns if old.name == new.name -%}
            {%- if new.expanded_data_type != old.expanded_data_type and not new.can_expand_to(other_column=old) -%}
              {%- do changed.append({'column_name': old.name, 'new_type': new.expanded_data_type}) -%}
            {%- endif -%}
          {%- endfor -%}
        {%- endfor -%}
        {%- do return(changed) -%}
      {% endmacro %}

      {% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
        {%- if on_schema_change in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
          {%- do return(on_schema_change) -%}
        {%- endif -%}
        {%- do log("on_schema_change does not know '" ~ on_schema_change ~ "'; taken as " ~ default) -%}
        {%- do return(default) -%}
      {% endmacro %}

      {% macro default__check_for_schema_changes(source_relation, target_relation) %}
        {%- set new = adapter.get_columns_in_relation(source_relation) -%}
        {%- set old = adapter.get_columns_in_relation(target_relation) -%}
        {%- set added = diff_columns(new, old) -%}
        {%- set removed = diff_columns(old, new) -%}
        {%- set retyped = diff_column_data_types(new, old) -%}
        {%- do return({
          'schema_changed': (added or removed or retyped) | length > 0,
          'source_not_in_target': added,
          'target_not_in_source': removed,
          'source_columns': new,
          'target_columns': old,
          'new_target_types': retyped,
        }) -%}
      {% endmacro %}

      {% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
        {%- set added = schema_changes_dict['source_not_in_target'] -%}
        {%- set removed = schema_changes_dict['target_not_in_source'] if on_schema_change == 'sync_all_columns' else [] -%}
        {%- if on_schema_change in ['append_new_columns', 'sync_all_columns'] and (added or removed) -%}
          {%- do alter_relation_add_remove_columns(target_relation, added, removed) -%}
        {%- endif -%}
        {%- if on_schema_change == 'sync_all_columns' -%}
          {%- for change in schema_changes_dict['new_target_types'] -%}
            {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
          {%- endfor -%}
        {%- endif -%}
      {% endmacro %}

      {% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
        {%- if on_schema_change == 'ignore' -%}{%- do return({}) -%}{%- endif -%}
        {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
        {%- if changes['schema_changed'] and on_schema_change == 'fail' -%}
          {%- do exceptions.raise_compiler_error(
            'The columns of ' ~ target_relation ~ ' are no longer those of the model: added '
            ~ changes['source_not_in_target'] ~ ', gone ' ~ changes['target_not_in_source'] ~ ', retyped '
            ~ changes['new_target_types']
            ~ '. Set on_schema_change to append_new_columns or sync_all_columns, or run with --full-refresh') -%}
        {%- elif changes['schema_changed'] -%}
          {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
        {%- endif -%}
        {%- do return(changes['source_columns']) -%}
      {% endmacro %}
      """#),
  ]

  /// Seeds as a template, and its macros, which packages override.
  static let seeds = [
    File(
      "materializations/seeds/helpers.sql",
      dispatching: [
        "create_csv_table(model, agate_table)",
        "reset_csv_table(model, full_refresh, old_relation, agate_table)",
        "get_csv_sql(create_or_truncate_sql, insert_sql)", "get_binding_char()", "get_batch_size()",
        "load_csv_rows(model, agate_table)",
      ],
      #"""
      {% macro default__create_csv_table(model, agate_table) %}
        {%- set types = model['config'].get('column_types', {}) -%}
        {%- set quoting = model['config'].get('quote_columns', none) -%}
        {%- set columns = [] -%}
        {%- for name in agate_table.column_names -%}
          {%- do columns.append(
            adapter.quote_seed_column(name, quoting) ~ ' '
            ~ types.get(name, adapter.convert_type(agate_table, loop.index0))) -%}
        {%- endfor -%}
        {%- set sql = 'create table ' ~ this.render() ~ ' (' ~ columns | join(', ') ~ ')' -%}
        {%- call statement('_') -%}{{ sql }}{%- endcall -%}
        {%- do return(sql) -%}
      {% endmacro %}

      {% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
        {%- if full_refresh -%}
          {%- do adapter.drop_relation(old_relation) -%}
          {%- do return(create_csv_table(model, agate_table)) -%}
        {%- endif -%}
        {%- do adapter.truncate_relation(old_relation) -%}
        {%- do return('truncate table ' ~ old_relation.render()) -%}
      {% endmacro %}

      {% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}
        {{ create_or_truncate_sql }};
        {{ insert_sql }}
      {% endmacro %}

      {% macro default__get_binding_char() %}{{ return('%s') }}{% endmacro %}

      {% macro default__get_batch_size() %}{{ return(10000) }}{% endmacro %}

      {% macro get_seed_column_quoted_csv(model, column_names) %}
        {%- set quoted = [] -%}
        {%- for name in column_names -%}
          {%- do quoted.append(adapter.quote_seed_column(name, model['config'].get('quote_columns', none))) -%}
        {%- endfor -%}
        {%- do return(quoted | join(', ')) -%}
      {% endmacro %}

      {% macro default__load_csv_rows(model, agate_table) %}
        {%- set names = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
        {%- set places = [] -%}
        {%- for name in agate_table.column_names -%}{%- do places.append(get_binding_char()) -%}{%- endfor -%}
        {%- set one_row = '(' ~ places | join(',') ~ ')' -%}
        {%- set sent = [] -%}
        {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
          {%- set values = [] -%}
          {%- set texts = [] -%}
          {%- for row in rows -%}
            {%- do values.extend(row) -%}
            {%- do texts.append(one_row) -%}
          {%- endfor -%}
          {%- set sql = 'insert into ' ~ this.render() ~ ' (' ~ names ~ ') values ' ~ texts | join(',') -%}
          {%- do adapter.add_query(sql, bindings=values, abridge_sql_log=True) -%}
          {%- do sent.append(sql) -%}
        {%- endfor -%}
        {%- do return(sent[0]) -%}
      {% endmacro %}
      """#),
    File(
      "dbt", "materializations/seeds/seed.sql",
      #"""
      {% materialization seed, default %}
        {%- set there = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
        {%- set is_whole = should_full_refresh() -%}
        {%- set rows = load_agate_table() -%}
        {%- do store_result('agate_table', response='OK', agate_table=rows) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
        {%- set is_table = there is not none and there.is_table -%}
        {%- if there is not none and there.is_view -%}
          {%- do exceptions.raise_compiler_error('There is a view where the seed would go: ' ~ there.render()) -%}
        {%- elif is_table -%}
          {%- set prepared = reset_csv_table(model, is_whole, there, rows) -%}
        {%- else -%}
          {%- set prepared = create_csv_table(model, rows) -%}
        {%- endif -%}
        {%- set count = rows.rows | length -%}
        {%- set filled = load_csv_rows(model, rows) if count > 0 else '' -%}
        {%- set code = 'CREATE' if is_whole else 'INSERT' -%}
        {%- call noop_statement('main', code ~ ' ' ~ count, code, count) -%}
          {{ get_csv_sql(prepared, filled) }};
        {%- endcall -%}
        {%- set target = this.incorporate(type='table') -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(there, is_whole)) -%}
        {%- do persist_docs(target, model) -%}
        {%- if is_whole or not is_table -%}{%- do create_indexes(target) -%}{%- endif -%}
        {%- do run_hooks(post_hooks, inside_transaction=True) -%}
        {%- do adapter.commit() -%}
        {%- do run_hooks(post_hooks, inside_transaction=False) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}
      """#),
  ]
}
