select case when is_vip then 'yes' else 'no' end as vip from {{ ref('customers') }}
