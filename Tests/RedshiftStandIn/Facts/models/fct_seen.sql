select customer as customer_id, agent as agent_id, cast(placed as date) as day
from {{ ref('orders') }}
group by 1, 2, 3
having customer is not null and agent is not null
