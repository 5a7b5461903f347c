select region, count(*) as customers, max(name) as last_name from {{ ref('stg_customers') }} group by region
