select id, name from {{ ref('customers') }}
union all
select id, statsu from {{ ref('orders') }}
