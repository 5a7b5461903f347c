{% macro get_incremental_insert_only_sql(arg_dict) %}
  {% do return(some_sql(arg_dict["target_relation"], arg_dict["temp_relation"], arg_dict["unique_key"], arg_dict["dest_columns"])) %}
{% endmacro %}

{% macro some_sql(target, temp, key, columns) %}
  {%- set names = get_quoted_csv(columns | map(attribute="name")) -%}
  insert into {{ target }} ({{ names }})
  select {{ names }} from {{ temp }} where {{ key }} not in (select {{ key }} from {{ target }})
{% endmacro %}

{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {{ return(['"name"']) }}
{% endmacro %}
