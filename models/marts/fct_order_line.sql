-- Natural keys and measures only: the compiler looks up each surrogate key as it was when the order was placed.
select
  lines.order_id,
  lines.line_number,
  orders.customer_id,
  lines.product_code,
  orders.ordered_at,
  orders.shipped_at,
  orders.order_status,
  lines.quantity,
  lines.unit_price,
  lines.total_price
from {{ ref('stg_order_lines') }} as lines
join {{ ref('stg_orders') }} as orders using (order_id)
