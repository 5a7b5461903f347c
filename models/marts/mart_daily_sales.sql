select
  dates.date as sales_date,
  customers.region,
  products.category,
  count(distinct facts.order_id) as orders,
  sum(facts.quantity) as pieces,
  sum(facts.total_price) as revenue
from {{ ref('fct_order_line') }} as facts
join {{ ref('dim_date') }} as dates on dates.date_key = facts.order_date_key
join {{ ref('dim_customer') }} as customers on customers.customer_key = facts.customer_key
join {{ ref('dim_product') }} as products on products.product_key = facts.product_key
group by dates.date, customers.region, products.category
