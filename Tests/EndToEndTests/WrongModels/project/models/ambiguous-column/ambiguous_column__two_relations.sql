select id, name from {{ ref('customers') }} c join {{ ref('orders') }} o on o.customer_id = c.id
