select c.name from {{ ref('customers') }} c join {{ ref('orders') }} o on o.customer_id = c.id where id > 5
