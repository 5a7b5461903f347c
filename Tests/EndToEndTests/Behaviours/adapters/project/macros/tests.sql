{% test expected_rows(model, n) %} select count(*) as n from {{ model }} having count(*) <> {{ n }} {% endtest %}
