with unread as (
    select 1 as one
)
select c.customer_id, c.nam, d.region
from {{ ref('stg_customers') }} c
union all
select customer_id, {{ "regoin" }} from {{ ref('stg_customers') }}
