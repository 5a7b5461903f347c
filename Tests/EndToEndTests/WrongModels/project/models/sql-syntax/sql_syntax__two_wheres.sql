select id from {{ ref('customers') }} where id > 1 where id < 5
