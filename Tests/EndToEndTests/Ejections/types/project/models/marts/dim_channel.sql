select distinct channel from {{ ref('raw_orders') }} where channel is not null
