select id as visit_id, channel, ordered_at as visited_at from {{ ref('raw_orders') }} where channel is not null
