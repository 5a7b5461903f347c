with g as (select region, status, count(*) as n from {{ ref('customers') }} c join {{ ref('orders') }} o on o.customer_id = c.id group by 1, 2)
select region, n from g
