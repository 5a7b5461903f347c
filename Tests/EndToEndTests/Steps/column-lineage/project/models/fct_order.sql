select order_id, customer_id, amount * 2 as amount, ordered_at from {{ ref('paid_orders') }}
