select product as product_id, keeper, counted_at, on_hand from {{ ref('raw_counts') }}
