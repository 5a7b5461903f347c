select order_id, line_no, customer_id, product_id, ordered_at, shipped_at, quantity, amount, total_price
from {{ ref('stg_order_lines') }}
