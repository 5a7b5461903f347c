select case when isvip = 1 then 'vip' else 'other' end as kind from {{ ref('customers') }}
