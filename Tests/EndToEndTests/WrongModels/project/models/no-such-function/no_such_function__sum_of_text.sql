select sum(status) as s from {{ ref('orders') }}
