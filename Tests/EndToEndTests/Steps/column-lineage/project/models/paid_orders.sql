{{ config(materialized='ephemeral') }}
select id as order_id, customer as customer_id, amount, ordered_at
from {{ source('erp', 'orders') }}
where status = 'paid'
