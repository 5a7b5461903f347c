{% macro twice(number, times) %}{{ number * 2 }}{% endmacro %}
{% macro bare(one, two=2) %}{% endmacro %}
