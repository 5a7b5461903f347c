select id
from {{ ref('stg_order') }}
