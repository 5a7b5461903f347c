select id, name, id as customer_id from {{ ref('customers') }}
