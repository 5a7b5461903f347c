select c.id from {{ ref('customers') }} c join {{ ref('orders') }} o on max(o.id) = c.id
