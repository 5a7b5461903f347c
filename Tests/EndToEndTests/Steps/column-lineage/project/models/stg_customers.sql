select id as customer_id, initcap(name) as name, region, updated_at
from {{ ref('raw_customers') }}
where region is not null
