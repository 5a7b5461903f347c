{{ config(materialized='table') }}
with placed as (
  select order_id, customer_id, placed_on, cents as amount from {{ ref('stg_orders') }}
), people as (
  select * from {{ source('crm', 'customers') }}
)
select
  placed.order_id,
  people.full_name as "näme", -- é😀
  o.placed_on,
  {{ cents('placed.amount', digits=0) }} as amount
from placed
join people on people.id = placed.customer_id
join {{ ref('stg_orders') }} as o on o.order_id = placed.order_id and o.placed_on = placed.placed_on
