select id, customer_id, amount, amount * 2 as twice, twice + 1 as more, dateadd(day, 1, placed_at) as due,
  row_number() over (partition by customer_id order by placed_at desc) as rn
from {{ source('erp', 'orders') }}
qualify rn = 1
