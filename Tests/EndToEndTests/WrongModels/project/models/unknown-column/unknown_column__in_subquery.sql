select id from {{ ref('customers') }} c
where exists (select 1 from {{ ref('orders') }} o where o.customer_id = c.idd)
