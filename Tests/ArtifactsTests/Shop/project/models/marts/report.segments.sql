select * from {{ ref('mart_segments') }} join {{ ref('snap_products') }} on true
