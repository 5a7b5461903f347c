select avg(ordered_on) as middle from {{ ref('orders') }}
