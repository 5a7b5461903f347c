select customer_id, customer_name, email, city, region, segment, updated_at
from {{ ref('stg_customers') }}
