{% macro default__snapshot_hash_arguments(args) -%}
  md5('own' {%- for arg in args %} || '-' || ({{ arg }})::text {%- endfor %})
{%- endmacro %}

{% macro post_snapshot(staging) %}
  {% do run_query("insert into " ~ target.schema ~ ".seen select '" ~ model.name ~ "', dbt_change_type from " ~ staging) %}
{% endmacro %}

{% macro generate_schema_name(custom, node) -%}
  {{ target.schema if custom is none else 'own_' ~ custom }}
{%- endmacro %}
