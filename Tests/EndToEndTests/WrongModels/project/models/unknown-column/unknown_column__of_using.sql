with o as (select customer_id as id, amout from {{ ref('orders') }})
select id, amout from {{ ref('customers') }} join o using (id)
