-- The mart adds up to the fact table: not a cent appears or disappears on the way.
with fact as (
  select sum(total_price) as revenue from {{ ref('fct_order_line') }}
),

mart as (
  select sum(revenue) as revenue from {{ ref('mart_daily_sales') }}
)

select fact.revenue as fact_revenue, mart.revenue as mart_revenue
from fact cross join mart
where coalesce(fact.revenue, -1) <> coalesce(mart.revenue, -1)
