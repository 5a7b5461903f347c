select id, nmae from {{ ref('customers') }}
