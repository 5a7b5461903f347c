select o.*, d.segment is not null as is_known
from {{ ref('raw_orders') }} o
left join {{ ref('dim_mix') }} d on d.customer_id = o.customer_id and d.is_current
