{% macro mac() %}'real'{% endmacro %}
