select case when id > 1 then 1 else created_at end as x from {{ ref('customers') }}
