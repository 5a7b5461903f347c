select id, count(*) over () as n from {{ ref('customers') }} order by craeted_at
