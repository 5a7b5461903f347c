{% macro query_header(target) %}
  {%- set comment = dict(app='shop++', macro_version='0.1.0', message='blah: ' ~ target) -%}
  {{ return(tojson(comment, sort_keys=True)) }}
{% endmacro %}
