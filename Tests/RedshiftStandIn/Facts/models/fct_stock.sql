select product, counted, on_hand from {{ ref('stock') }}
