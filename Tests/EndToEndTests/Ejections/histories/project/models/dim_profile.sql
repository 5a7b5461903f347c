select id as customer_id, name, segment, city, tier, updated_at from {{ ref('raw_customers') }}
