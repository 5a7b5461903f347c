select upper(name, 'de') as name from {{ ref('customers') }}
