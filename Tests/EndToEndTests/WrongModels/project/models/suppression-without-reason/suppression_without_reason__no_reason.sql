-- whc: allow unused-cte
with old as (select 1 as one)
select id from {{ ref('customers') }}
