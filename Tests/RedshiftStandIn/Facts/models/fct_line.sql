select l.order_id, l.line, o.customer as customer_id, o.agent as agent_id, o.placed, o.shipped, o.gift, o.channel, l.quantity, l.amount,
  o.shipping
from {{ ref('lines') }} l
join {{ ref('orders') }} o on o.id = l.order_id
