select id from {{ ref('customers') }} group order by id
