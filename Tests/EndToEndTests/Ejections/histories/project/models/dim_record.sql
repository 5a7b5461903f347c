select op, id as customer_id, name, segment, city, tier, changed_at from {{ ref('raw_changes') }}
