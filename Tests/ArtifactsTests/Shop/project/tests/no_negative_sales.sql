select * from {{ ref('fct_order_line') }} where total_price < 0
