with ranked as (
  select id, row_number() over (order by id) as nr, upper(name) as name from {{ ref('customers') }}
)
select id, name from ranked
