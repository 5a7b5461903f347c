{% materialization audited, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target = this.incorporate(type='table') -%}
  {%- set temp = make_intermediate_relation(target) -%}
  {%- set backup = make_backup_relation(target, 'table') -%}
  {{ drop_relation_if_exists(load_cached_relation(temp)) }}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% call statement('main') -%}
    {{ create_table_as(False, temp, sql) }}
  {%- endcall %}
  {% set rows = run_query('select count(*) from ' ~ temp) %}
  {% do run_query("create table if not exists " ~ schema ~ ".audit (name text, n int)") %}
  {% do run_query("insert into " ~ schema ~ ".audit values ('" ~ this.identifier ~ "', " ~ rows.columns[0].values()[0] ~ ")") %}
  {% if existing is not none %}{% do adapter.rename_relation(existing, backup) %}{% endif %}
  {% do adapter.rename_relation(temp, target) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ drop_relation_if_exists(backup) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization uncommitted, adapter='postgres' %}
  {% set target = this.incorporate(type='table') %}
  {% call statement('main') -%} create table {{ target }} as {{ sql }} {%- endcall %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization mainless, default %}
  {% do run_query('select 1') %}
  {{ return({'relations': []}) }}
{% endmaterialization %}

{% materialization noreturn, default %}
  {% call statement('main') -%} select 1 {%- endcall %}
{% endmaterialization %}

{% materialization view, default %}
  {% set target = this.incorporate(type='view') %}
  {% call statement('main') -%} create or replace view {{ target }} as select 'mine' as made_by, q.* from ({{ sql }}) q {%- endcall %}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro postgres__create_table_as(temporary, relation, sql) %}
  create {{ 'temporary ' if temporary }}table {{ relation }} as select 'own' as by_macro, q.* from ({{ sql }}) q
{% endmacro %}
