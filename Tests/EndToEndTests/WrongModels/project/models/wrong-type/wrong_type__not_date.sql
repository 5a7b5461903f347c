select id from {{ ref('orders') }} where not ordered_on
