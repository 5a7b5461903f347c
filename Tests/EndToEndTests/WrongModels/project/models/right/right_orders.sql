select id as order_no, customer_id, amount, status from {{ ref('orders') }}
