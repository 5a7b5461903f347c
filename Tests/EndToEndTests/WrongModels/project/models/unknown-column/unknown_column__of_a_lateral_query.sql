select c.id, last.amount
from {{ ref('customers') }} c
cross join lateral (
  select o.amounts as amount from {{ ref('orders') }} o where o.customer_id = c.id limit 1
) last
