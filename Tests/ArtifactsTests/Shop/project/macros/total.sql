{% macro total(quantity, price) %}{{ quantity }} * {{ price }}{% endmacro %}
