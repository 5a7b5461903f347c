select coalesce(name, 'x' as name from {{ ref('customers') }}
