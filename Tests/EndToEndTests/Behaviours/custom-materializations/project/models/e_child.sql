select * from {{ ref('e_nosuch') }}
