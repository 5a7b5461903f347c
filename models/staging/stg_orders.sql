select
  order_id,
  customer as customer_id,
  ordered_at,
  shipped_at,
  lower(status) as order_status
from {{ ref('raw_orders') }}
