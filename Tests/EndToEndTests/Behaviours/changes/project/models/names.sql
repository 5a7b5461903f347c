select name from {{ ref('stg_customers') }} union all select 'Ada'
