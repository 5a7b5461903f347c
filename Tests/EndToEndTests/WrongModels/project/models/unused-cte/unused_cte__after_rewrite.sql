with a as (select id from {{ ref('customers') }}), b as (select id from a) select id from {{ ref('customers') }}
