select customer_id, ordered_at::date as day, sum(amount) as amount, min(ordered_at) as first_at
from {{ ref('paid_orders') }}
group by 1, 2
