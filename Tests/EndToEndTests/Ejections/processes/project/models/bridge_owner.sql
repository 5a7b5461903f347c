select * from {{ ref('raw_owners') }}
