select 2 as v from {{ ref('dim_customer') }}
