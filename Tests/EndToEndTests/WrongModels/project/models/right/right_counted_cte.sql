with c as (select id, name from {{ ref('customers') }}) select count(*) as n from c
