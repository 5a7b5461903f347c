select name, count(*) as n from {{ ref('customers') }}
