select id, name from {{ ref('customers') }}
union all
select id, ordered_on from {{ ref('orders') }}
