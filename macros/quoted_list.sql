{#- A list of values as SQL's IN wants it. -#}
{% macro quoted_list(values) -%}
  {%- for value in values -%}
    '{{ value }}'{{ ", " if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
