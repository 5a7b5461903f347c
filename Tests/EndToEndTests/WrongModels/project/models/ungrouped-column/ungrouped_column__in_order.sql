select region, count(*) as n from {{ ref('customers') }} group by region order by name
