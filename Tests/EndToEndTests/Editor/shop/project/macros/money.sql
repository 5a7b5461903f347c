{% macro cents(column, digits=2) %}
round({{ column }} * 100, {{ digits }})
{% endmacro %}

{% test positive(model, column_name) %}
select * from {{ model }} where {{ column_name }} <= 0
{% endtest %}
