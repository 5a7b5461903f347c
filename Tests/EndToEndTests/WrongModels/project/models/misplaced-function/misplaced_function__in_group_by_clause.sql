select count(*) as n from {{ ref('customers') }} group by max(id)
