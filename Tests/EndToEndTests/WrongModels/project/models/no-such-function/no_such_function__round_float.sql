select round(price, 2) as price from {{ ref('orders') }}
