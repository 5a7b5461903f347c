select channel from {{ ref('raw_orders') }}
