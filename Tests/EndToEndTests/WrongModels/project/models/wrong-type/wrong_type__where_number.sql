select id from {{ ref('customers') }} where is_vip
