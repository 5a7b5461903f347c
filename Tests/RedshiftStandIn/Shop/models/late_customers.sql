{{ config(materialized='view', bind=false) }}
select id as customer_id, name, city, updated_at from {{ ref('customers') }}
