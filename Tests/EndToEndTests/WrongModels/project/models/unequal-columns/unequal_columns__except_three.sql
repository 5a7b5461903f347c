select id from {{ ref('customers') }} except select id, amount, status from {{ ref('orders') }}
