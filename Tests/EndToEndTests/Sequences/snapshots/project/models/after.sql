select * from {{ ref('s_ts') }}
