{% macro get_batch_size() %}{{ return(2) }}{% endmacro %}

{% macro postgres__create_csv_table(model, agate_table) %}
  {% set types = model['config'].get('column_types', {}) %}
  {% set sql %}create table {{ this.render() }} (load serial, sent timestamp default now(){% for name in agate_table.column_names %}, {{ name }} {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}{% endfor %}){% endset %}
  {% call statement('_') %}{{ sql }}{% endcall %}
  {{ return(sql) }}
{% endmacro %}

{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}
-- by the project's own macro
{{ create_or_truncate_sql }};
{% endmacro %}
