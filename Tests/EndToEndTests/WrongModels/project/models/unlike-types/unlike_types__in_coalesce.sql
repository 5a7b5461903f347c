select coalesce(ordered_on, 0) as d from {{ ref('orders') }}
