select id from {{ ref('orders') }} where amount like '1%'
