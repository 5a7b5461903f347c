{{ config(materialized='incremental', unique_key='order_id', dist='order_id') }}
select order_id, status, amount, '{{ invocation_id if false else "x" }}'::varchar(10) as mark
{% if is_incremental() %}, 2 {% else %}, 1 {% endif %} as round from {{ ref('stg_orders') }}
{% if is_incremental() %} where order_id > 3 {% endif %}
