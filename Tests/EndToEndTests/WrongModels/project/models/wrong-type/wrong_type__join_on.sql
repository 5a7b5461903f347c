select c.id from {{ ref('customers') }} c join {{ ref('orders') }} o on o.customer_id
