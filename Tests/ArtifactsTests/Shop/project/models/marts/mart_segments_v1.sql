select 1 as v from {{ ref('dim_customer') }}
