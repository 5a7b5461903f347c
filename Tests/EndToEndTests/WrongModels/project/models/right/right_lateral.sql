select c.id, x.amount from {{ ref('customers') }} c cross join lateral (select o.amount from {{ ref('orders') }} o where o.customer_id = c.id order by o.id limit 1) x
