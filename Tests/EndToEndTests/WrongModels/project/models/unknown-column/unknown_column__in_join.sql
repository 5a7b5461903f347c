select o.id
from {{ ref('orders') }} o
join {{ ref('customers') }} c on c.id = o.custmer_id
