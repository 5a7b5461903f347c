select o.order_id
from {{ ref('orders') }} o
join {{ ref('orders') }} other on o.order_id = other.customer_code
where o.amount
  and o.ordered_on > o.note
