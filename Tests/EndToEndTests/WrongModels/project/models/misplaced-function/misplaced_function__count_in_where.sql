select region from {{ ref('customers') }} where count(*) > 10 group by region
