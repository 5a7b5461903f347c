select id, name, amount::numeric(10,2) as amount, day::date as day, true as ok, name::varchar(3) as short from {{ ref('raw') }}
