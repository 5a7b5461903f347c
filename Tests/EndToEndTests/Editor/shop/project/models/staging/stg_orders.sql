select
  id as order_id,
  customer as customer_id,
  cast(placed as date) as placed_on,
  {{ cents('amount') }} as cents
from {{ ref('raw_orders') }}
