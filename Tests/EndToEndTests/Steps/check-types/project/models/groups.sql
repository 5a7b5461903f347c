select customer_code, note, sum(amount) as total
from {{ ref('orders') }}
where sum(amount) > 10
group by customer_code
