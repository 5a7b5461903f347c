with joined as (
  select order_id, note from {{ ref('orders') }}
  union all
  select customer_code, note from {{ ref('orders') }}
)
select order_id, case when note is null then order_id else 'none' end as label, coalesce(note, 0) as filled
from joined
