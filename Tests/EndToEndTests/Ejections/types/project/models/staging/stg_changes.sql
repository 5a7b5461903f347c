select op, id as customer_id, name, city, plan, region, at as changed_at from {{ ref('raw_changes') }}
