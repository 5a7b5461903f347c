select name - 1 as n from {{ ref('customers') }}
