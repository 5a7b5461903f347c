with customers_paid as (select id from {{ ref('customers') }})
select id from customer_paid
