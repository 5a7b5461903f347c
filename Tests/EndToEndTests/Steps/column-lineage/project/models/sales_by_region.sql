with sales as (
    select c.region, f.amount
    from {{ ref('fct_order') }} f
    join {{ ref('dim_customer') }} c on c.customer_key = f.customer_key
)
select region, sum(amount) as revenue, count(*) as orders from sales group by region
