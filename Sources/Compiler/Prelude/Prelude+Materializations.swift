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
        {%- do _drop_leftovers(aside, backup) -%}
        {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
        {%- if there is none -%}
          {%- set build_sql = get_create_materialized_view_as_sql(target, sql) -%}
        {%- elif should_full_refresh() or not there.is_materialized_view -%}
          {%- set build_sql = get_replace_sql(there, target, sql) -%}
        {%- else -%}
          {%- set build_sql = refresh_materialized_view(target) -%}
        {%- endif -%}
        {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
        {%- call statement('main') -%}{{ build_sql }}{%- endcall -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke(there, full_refresh_mode=True)) -%}
        {%- do persist_docs(target, model) -%}
        {%- do run_hooks(post_hooks, inside_transaction=True) -%}
        {%- do adapter.commit() -%}
        {%- do _drop_leftovers(aside, backup) -%}
        {%- do run_hooks(post_hooks, inside_transaction=False) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}
      """#),
  ]
}
