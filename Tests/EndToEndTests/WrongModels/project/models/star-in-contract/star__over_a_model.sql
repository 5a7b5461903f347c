select * from {{ ref('right_orders') }}
