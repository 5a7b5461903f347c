select
  o.customer_key,
  sum(l.amount) as amount,
  sum(l.unit_price) as prices,
  sum(o.shipping) as shipping
from {{ ref('fct_order') }} o
join {{ ref('fct_order_line') }} l on l.order_id = o.order_id
group by 1
