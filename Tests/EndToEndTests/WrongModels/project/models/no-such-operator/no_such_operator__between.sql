select id from {{ ref('orders') }} where ordered_on between 1 and 2
