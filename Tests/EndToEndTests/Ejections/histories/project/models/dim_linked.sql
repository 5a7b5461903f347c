select id as customer_id, name, segment, city, tier, nullif(date '2025-01-01' + id, date '2025-01-04') as joined_on, updated_at from {{ ref('raw_customers') }}
