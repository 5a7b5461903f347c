select sum(count(*)) as s from {{ ref('customers') }} group by region
