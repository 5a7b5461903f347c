select op, customer_id, name, plan, region, changed_at from {{ ref('stg_changes') }}
