with c as (select id, name from {{ ref('customers') }}) select to_jsonb(c) as doc from c
