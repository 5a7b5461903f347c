select c.id from {{ ref('customers') }}
