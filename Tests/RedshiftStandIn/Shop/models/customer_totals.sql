{{ config(materialized='table', dist='customer_id', sort=['customer_id', 'orders'], sort_type='compound') }}
select c.customer_id, coalesce(c.name, 'nobody') as name, count(o.order_id) as orders, sum(o.amount) as amount,
  {{ dbt.listagg('o.status', "','", 'order by o.order_id') }} as statuses,
  {{ dbt.datediff('min(o.ordered_at)', 'max(o.ordered_at)', 'hour') }} as hours
from {{ ref('late_customers') }} c join {{ ref('stg_orders') }} o on o.customer_id = c.customer_id
group by 1, 2
