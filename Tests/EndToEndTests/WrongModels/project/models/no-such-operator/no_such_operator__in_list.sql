select id from {{ ref('customers') }} where id in (select status from {{ ref('orders') }})
