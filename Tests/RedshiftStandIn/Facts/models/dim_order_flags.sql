select gift, channel from {{ ref('orders') }} where id < 3
