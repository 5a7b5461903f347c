select v.visit_id, c.name
from (select 1 as visit_id, 1 as customer_id) v
join {{ ref('dim_customer') }} c on c.customer_id = v.customer_id
