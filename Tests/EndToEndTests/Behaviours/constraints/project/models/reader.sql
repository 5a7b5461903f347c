select * from {{ ref('v', v=1) }}
