select id as customer_id, name, segment, city, tier from {{ ref('raw_customers') }}
