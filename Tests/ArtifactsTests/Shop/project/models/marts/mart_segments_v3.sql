select 3 as v from {{ ref('dim_customer') }}
