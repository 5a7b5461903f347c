select id from {{ ref('customers') }} where id > 1 and region
