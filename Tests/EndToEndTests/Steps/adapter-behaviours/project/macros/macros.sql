{% macro query_header(target, kind) %}
  {%- if kind == 'invalid' %}{{ return('ends too early: */') }}{% endif %}
  {%- if kind == 'text' %}{{ return('shop\nrules!') }}{% endif %}
  {%- if kind == 'none' %}{{ return('') }}{% endif %}
  {%- set comment = dict(app='shop++', macro_version='0.1.0', message='blah: ' ~ target) -%}
  {{ return(tojson(comment, sort_keys=True)) }}
{% endmacro %}
