with old as (select id from {{ ref('orders') }}),
new as (select id from {{ ref('customers') }})
select id from new
