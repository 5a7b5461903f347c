select
  id as order_id, customer as customer_id, product as product_code, channel as sold_by, ordered_at, sent_on,
  is_gift, channel, amount
from {{ ref('raw_orders') }}
