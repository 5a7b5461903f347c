select customer_id, name, lower(email) as email, segment, city, updated_at::timestamp as updated_at
from {{ ref('raw_customers') }}
