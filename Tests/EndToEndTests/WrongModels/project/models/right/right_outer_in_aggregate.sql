select region, sum((select count(*) from {{ ref('orders') }} o where o.customer_id = c.id)) as orders
from {{ ref('customers') }} c
group by region
