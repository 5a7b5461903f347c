{#- A person's or thing's name as it should be read: single blanks, capital letters first. -#}
{% macro clean_name(column) -%}
  initcap(trim(regexp_replace({{ column }}, '[[:space:]]+', ' '{{ ", 'g'" if target.type == 'postgres' }})))
{%- endmacro %}
