select id from {{ ref('customers') }}
where regin = 'north'
