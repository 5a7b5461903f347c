select customer_id, name, email, segment, city, updated_at from {{ ref("stg_customers") }}
