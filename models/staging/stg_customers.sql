-- Customer versions, cleaned. A row that stands twice counts once; a version from a region that does not
-- exist is rejected.
with versions as (
  select
    id as customer_id,
    {{ clean_name('name') }} as customer_name,
    lower(nullif(trim(email_address), '')) as email,
    city,
    initcap(trim(region)) as region,
    coalesce(nullif(trim(segment), ''), 'Unassigned') as segment,
    updated_at,
    row_number() over (partition by id, updated_at order by name) as copy_number
  from {{ ref('raw_customers') }}
)

select customer_id, customer_name, email, city, region, segment, updated_at
from versions
where copy_number = 1
  and region in ({{ quoted_list(var('valid_regions')) }})
