select id from {{ ref('customers') }} where row_number() over (order by id) = 1
