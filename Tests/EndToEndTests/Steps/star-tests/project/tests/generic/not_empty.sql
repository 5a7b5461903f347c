{% test not_empty(model) %}select 1 from (select count(*) as n from {{ model }}) c where n = 0{% endtest %}
