select id, name from {{ ref('customers') }} union all select id from {{ ref('orders') }}
