select id from {{ ref('customers') }} where id = any (is_vip)
