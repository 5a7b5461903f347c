select c.region, (select max(o.amount) from {{ ref('orders') }} o where o.status = c.region) as largest
from {{ ref('customers') }} c
group by c.region
