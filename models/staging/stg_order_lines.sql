-- One row a line of an order. A line that stands twice counts once; without a quantity it was one piece.
with lines as (
  select
    order_id,
    line as line_number,
    product_code,
    coalesce(qty, 1) as quantity,
    unit_price,
    row_number() over (partition by order_id, line order by product_code) as copy_number
  from {{ ref('raw_order_lines') }}
)

select
  order_id,
  line_number,
  product_code,
  quantity,
  unit_price,
  quantity * unit_price as total_price
from lines
where copy_number = 1
