{% macro postgres__create_view_as(relation, sql) %}
create view {{ relation }} as ({{ sql }})
{% endmacro %}
