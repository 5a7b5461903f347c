select
  order_id,
  upper(amount) as shouted,
  round(amount::double precision, 2) as rounded,
  date_trunc(ordered_on, 'month') as month,
  ordered_on::integer as day_number,
  {{ "max(is_paid) over ()" }} as ever_paid
from {{ ref('orders') }}
