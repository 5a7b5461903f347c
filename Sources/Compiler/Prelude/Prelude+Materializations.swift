extension Prelude {
  /// The kinds of models as templates. whc carries them out by plans of its own; a template runs where a project has
  /// overridden a macro that it calls, or calls it from a materialization of its own.
  static let materializations = [
    File(
      "dbt", "materializations/models/table.sql",
      #"""
      {% materialization table, default %}
        {%- set there = load_cached_relation(this) -%}
        {%- set target = this.incorporate(type='table') -%}
        {%- set aside = make_intermediate_relation(target) -%}
        {%- set backup = make_backup_relation(target, 'table' if there is none else there.type) -%}
        {%- do _drop_leftovers(aside, backup) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
        {%- call statement('main') -%}{{ get_create_table_as_sql(False, aside, sql) }}{%- endcall -%}
        {%- do create_indexes(aside) -%}
        {%- do _put_in_place(aside, target, there, backup) -%}
        {%- do run_hooks(post_hooks, inside_transaction=True) -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(there, full_refresh_mode=True)) -%}
        {%- do persist_docs(target, model) -%}
        {%- do adapter.commit() -%}
        {%- do drop_relation_if_exists(backup) -%}
        {%- do run_hooks(post_hooks, inside_transaction=False) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}

      {% macro _drop_leftovers(aside, backup) %}
        {%- do drop_relation_if_exists(load_cached_relation(aside)) -%}
        {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}
      {% endmacro %}

      {% macro _put_in_place(aside, target, there, backup) %}
        {#- A hook may have dropped what was there. -#}
        {%- set still_there = none if there is none else load_cached_relation(there) -%}
        {%- if still_there is not none -%}{%- do adapter.rename_relation(still_there, backup) -%}{%- endif -%}
        {%- do adapter.rename_relation(aside, target) -%}
      {% endmacro %}
      """#),
    File(
      "dbt", "materializations/tests/test.sql",
      #"""
      {% materialization test, default %}
        {%- set limited = get_limit_subquery_sql(sql, config.get('limit')) -%}
        {%- set relations = [] -%}
        {%- if should_store_failures() -%}
          {%- set kind = config.get('store_failures_as') or 'table' -%}
          {%- if kind not in ['table', 'view'] -%}
            {%- do exceptions.raise_compiler_error(
              "store_failures_as must be table, view or ephemeral, not '" ~ kind ~ "'") -%}
          {%- endif -%}
          {%- do drop_relation_if_exists(
            adapter.get_relation(database=database, schema=schema, identifier=model['alias'])) -%}
          {%- set target = api.Relation.create(
            database=database, schema=schema, identifier=model['alias'], type=kind) -%}
          {%- call statement(auto_begin=True) -%}{{ get_create_sql(target, limited) }}{%- endcall -%}
          {%- do relations.append(target) -%}
          {%- do adapter.commit() -%}
        {%- endif -%}
        {%- set asked = 'select * from ' ~ relations[0] if relations else limited -%}
        {%- call statement('main', fetch_result=True) -%}
          {{ get_test_sql(asked, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), none) }}
        {%- endcall -%}
        {%- do return({'relations': relations}) -%}
      {% endmaterialization %}
      """#),
    File(
      "dbt", "materializations/models/view.sql",
      #"""
      {% materialization view, default %}
        {%- set there = load_cached_relation(this) -%}
        {%- set target = this.incorporate(type='view') -%}
        {%- set aside = make_intermediate_relation(target) -%}
        {%- set backup = make_backup_relation(target, 'view' if there is none else there.type) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
        {%- do _drop_leftovers(aside, backup) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
        {%- call statement('main') -%}{{ get_create_view_as_sql(aside, sql) }}{%- endcall -%}
        {%- do _put_in_place(aside, target, there, backup) -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(there, full_refresh_mode=True)) -%}
        {%- do persist_docs(target, model) -%}
        {%- do run_hooks(post_hooks, inside_transaction=True) -%}
        {%- do adapter.commit() -%}
        {%- do drop_relation_if_exists(backup) -%}
        {%- do run_hooks(post_hooks, inside_transaction=False) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}

      {% macro create_or_replace_view() %}
        {%- set there = load_cached_relation(this) -%}
        {%- set target = this.incorporate(type='view') -%}
        {%- do run_hooks(pre_hooks) -%}
        {%- if there is not none and not there.is_view -%}
          {%- do handle_existing_table(should_full_refresh(), there) -%}
        {%- endif -%}
        {%- call statement('main') -%}{{ get_create_view_as_sql(target, sql) }}{%- endcall -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(there, full_refresh_mode=True)) -%}
        {%- do run_hooks(post_hooks) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmacro %}
      """#),
    File(
      "dbt", "materializations/models/incremental/incremental.sql",
      #"""
      {% materialization incremental, default %}
        {%- set there = load_cached_relation(this) -%}
        {%- set target = this.incorporate(type='table') -%}
        {%- set increment = make_temp_relation(target) -%}
        {%- set aside = make_intermediate_relation(target) -%}
        {%- set backup = make_backup_relation(target, 'table' if there is none else there.type) -%}
        {%- set is_whole = should_full_refresh() or (there is not none and there.is_view) -%}
        {%- set schema_policy = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
        {%- do _drop_leftovers(aside, backup) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
        {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
        {%- if there is none or is_whole -%}
          {%- set built = target if there is none else aside -%}
          {%- set build_sql = get_create_table_as_sql(False, built, sql) -%}
        {%- else -%}
          {%- set built = increment -%}
          {%- do run_query(get_create_table_as_sql(True, increment, sql)) -%}
          {%- if not config.get('contract').enforced -%}
            {%- do adapter.expand_target_column_types(from_relation=increment, to_relation=target) -%}
          {%- endif -%}
          {%- set columns = process_schema_changes(schema_policy, increment, there)
                            or adapter.get_columns_in_relation(there) -%}
          {%- set build_sql = strategy({
            'target_relation': target, 'temp_relation': increment, 'unique_key': config.get('unique_key'),
            'dest_columns': columns,
            'incremental_predicates': config.get('predicates') or config.get('incremental_predicates')}) -%}
        {%- endif -%}
        {%- call statement('main') -%}{{ build_sql }}{%- endcall -%}
        {%- if there is none or is_whole -%}{%- do create_indexes(built) -%}{%- endif -%}
        {%- if there is not none and is_whole -%}
          {%- do adapter.rename_relation(there, backup) -%}
          {%- do adapter.rename_relation(aside, target) -%}
        {%- endif -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(there, is_whole)) -%}
        {%- do persist_docs(target, model) -%}
        {%- do run_hooks(post_hooks, inside_transaction=True) -%}
        {%- do adapter.commit() -%}
        {%- if there is not none and is_whole -%}{%- do adapter.drop_relation(backup) -%}{%- endif -%}
        {%- do run_hooks(post_hooks, inside_transaction=False) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}
      """#),
    File(
      "dbt", "materializations/models/materialized_view.sql",
      #"""
      {% materialization materialized_view, default %}
        {%- set there = load_cached_relation(this) -%}
        {%- set target = this.incorporate(type=this.MaterializedView) -%}
        {%- set aside = make_intermediate_relation(target) -%}
        {%- set backup = make_backup_relation(target, target.type if there is none else there.type) -%}
        {%- do materialized_view_setup(backup, aside, pre_hooks) -%}
        {%- set build_sql = materialized_view_get_build_sql(there, target, backup, aside) -%}
        {%- if build_sql == '' -%}
          {%- do materialized_view_execute_no_op(target) -%}
          {%- do adapter.commit() -%}
        {%- else -%}
          {%- do materialized_view_execute_build_sql(build_sql, there, target, post_hooks) -%}
        {%- endif -%}
        {%- do materialized_view_teardown(backup, aside, post_hooks) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}

      {% macro materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) %}
        {%- do _drop_leftovers(intermediate_relation, backup_relation) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
      {% endmacro %}

      {% macro materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) %}
        {%- do drop_relation_if_exists(backup_relation) -%}
        {%- do drop_relation_if_exists(intermediate_relation) -%}
        {%- do run_hooks(post_hooks, inside_transaction=False) -%}
      {% endmacro %}

      {% macro materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) %}
        {%- if existing_relation is none -%}
          {%- do return(get_create_materialized_view_as_sql(target_relation, sql)) -%}
        {%- elif should_full_refresh() or not existing_relation.is_materialized_view -%}
          {%- do return(get_replace_sql(existing_relation, target_relation, sql)) -%}
        {%- endif -%}
        {%- set changes = get_materialized_view_configuration_changes(existing_relation, config) -%}
        {%- if changes is none -%}{%- do return(refresh_materialized_view(target_relation)) -%}{%- endif -%}
        {%- set answer = config.get('on_configuration_change') -%}
        {%- set said = 'the configuration of ' ~ target_relation.render()
                       ~ ' has changed, and on_configuration_change is ' ~ answer -%}
        {%- if answer == 'apply' -%}
          {%- do return(get_alter_materialized_view_as_sql(
            target_relation, changes, sql, existing_relation, backup_relation, intermediate_relation)) -%}
        {%- elif answer == 'continue' -%}
          {%- do exceptions.warn(said) -%}
          {%- do return('') -%}
        {%- elif answer == 'fail' -%}
          {%- do exceptions.raise_fail_fast_error(said) -%}
        {%- endif -%}
        {%- do exceptions.raise_compiler_error(said ~ ', where apply, continue and fail are known') -%}
      {% endmacro %}

      {% macro materialized_view_execute_no_op(target_relation) %}
        {%- do store_raw_result(
          name='main', message='skip ' ~ target_relation, code='skip', rows_affected='-1') -%}
      {% endmacro %}

      {% macro materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) %}
        {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
        {%- call statement('main') -%}{{ build_sql }}{%- endcall -%}
        {%- do apply_grants(
          target_relation, config.get('grants'), should_revoke(existing_relation, full_refresh_mode=True)) -%}
        {%- do persist_docs(target_relation, model) -%}
        {%- do run_hooks(post_hooks, inside_transaction=True) -%}
        {%- do adapter.commit() -%}
      {% endmacro %}
      """#),
    File(
      "dbt", "materializations/models/clone/clone.sql",
      #"""
      {% materialization clone, default %}
        {%- set there = load_cached_relation(this) -%}
        {%- if not defer_relation -%}
          {%- do log('No relation found in state manifest for ' ~ model.unique_id, info=True) -%}
          {%- do return({'relations': []}) -%}
        {%- elif there and not flags.FULL_REFRESH -%}
          {%- do log('Relation ' ~ there ~ ' already exists', info=True) -%}
          {%- do return({'relations': []}) -%}
        {%- endif -%}
        {%- set original = load_cached_relation(defer_relation) -%}
        {%- if not (original and original.is_table and can_clone_table()) -%}
          {%- set name = 'materialization_view_' ~ adapter.type() -%}
          {%- set view = context[name if name in context else 'materialization_view_default'] -%}
          {%- do return(view()) -%}
        {%- endif -%}
        {%- set target = this.incorporate(type='table') -%}
        {%- if there and not there.is_table -%}{%- do drop_relation_if_exists(there) -%}{%- endif -%}
        {%- if target.render() != defer_relation.render() -%}
          {%- call statement('main') -%}{{ create_or_replace_clone(target, defer_relation) }}{%- endcall -%}
        {%- endif -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(there, full_refresh_mode=True)) -%}
        {%- do persist_docs(target, model) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}
      """#),
    File(
      "materializations/models/clone/clone_table.sql",
      dispatching: ["can_clone_table()", "create_or_replace_clone(this_relation, defer_relation)"],
      #"""
      {% macro default__can_clone_table() %}{{ return(False) }}{% endmacro %}

      {% macro default__create_or_replace_clone(this_relation, defer_relation) %}
        create or replace table {{ this_relation.render() }} clone {{ defer_relation.render() }}
      {% endmacro %}
      """#),
    File(
      "dbt", "materializations/tests/unit.sql",
      #"""
      {% materialization unit, default %}
        {%- set rows = config.get('expected_rows') -%}
        {%- set kept = make_temp_relation(this.incorporate(type='table')) -%}
        {%- do run_query(get_create_table_as_sql(True, kept, get_empty_subquery_sql(sql))) -%}
        {%- set types = {} -%}
        {%- set quoted = {} -%}
        {%- for column in adapter.get_columns_in_relation(kept) -%}
          {%- do types.update({column.name | lower: column.data_type}) -%}
          {%- do quoted.update({column.name | lower: column.quoted}) -%}
        {%- endfor -%}
        {%- set compared = [] -%}
        {%- for name in (rows[0].keys() if rows else get_columns_in_query(sql)) -%}
          {%- do compared.append(quoted[name | lower]) -%}
        {%- endfor -%}
        {%- set expected = config.get('expected_sql') or get_expected_sql(rows, types, quoted) -%}
        {%- call statement('main', fetch_result=True) -%}
          {{ get_unit_test_sql(sql, expected, compared) }}
        {%- endcall -%}
        {%- do adapter.drop_relation(kept) -%}
        {%- do return({'relations': []}) -%}
      {% endmaterialization %}
      """#),
    File(
      "dbt", "materializations/snapshots/snapshot.sql",
      #"""
      {% materialization snapshot, default %}
        {%- set was_there, found = get_or_create_relation(
          database=model.database, schema=model.schema, identifier=model.alias, type='table') -%}
        {%- if not found.is_table -%}{%- do exceptions.relation_wrong_type(found, 'table') -%}{%- endif -%}
        {%- set target = this.incorporate(type='table') -%}
        {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
        {%- if was_there -%}
          {%- do whc_snapshot_stage() -%}
          {%- set final_sql = whc_snapshot_merge() -%}
        {%- else -%}
          {%- set final_sql = whc_snapshot_first() -%}
        {%- endif -%}
        {%- call statement('main') -%}{{ final_sql }}{%- endcall -%}
        {%- do whc_snapshot_grants(was_there) -%}
        {%- do persist_docs(target, model) -%}
        {%- if not was_there -%}{%- do create_indexes(target) -%}{%- endif -%}
        {%- do run_hooks(post_hooks, inside_transaction=True) -%}
        {%- do adapter.commit() -%}
        {%- if was_there -%}{%- do run_query(whc_snapshot_finish()) -%}{%- endif -%}
        {%- do run_hooks(post_hooks, inside_transaction=False) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}
      """#),
  ]
}
