select c.name, count(*) as n from {{ ref('customers') }} c join {{ ref('orders') }} o on o.customer_id = c.id group by c.name, id
