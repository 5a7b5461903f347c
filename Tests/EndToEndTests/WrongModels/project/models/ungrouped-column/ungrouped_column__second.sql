select region, name, count(*) as n from {{ ref('customers') }} group by region
