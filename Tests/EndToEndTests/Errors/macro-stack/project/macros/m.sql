{% macro outer() %}
  {{ inner() }}
{% endmacro %}
{% macro inner() %}
  {{ exceptions.raise_compiler_error('no rate for this currency') }}
{% endmacro %}
