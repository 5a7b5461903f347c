select distinct
  status as order_status,
  coalesce(
    (array['in_process', 'approved', 'backordered', 'rejected', 'shipped', 'cancelled'])[status],
    'no_status') as order_status_name
from {{ ref('salesorderheader') }}
