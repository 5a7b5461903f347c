with c as (
  select id, name, region from {{ ref('customers') }}
)
select id, region from c
