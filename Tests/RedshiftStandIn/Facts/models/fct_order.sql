select id as order_id, customer as customer_id, placed, shipped, paid, shipping from {{ ref('orders') }}
