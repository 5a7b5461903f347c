select 1 as order_id, 1 as line_number, 1 as customer_id, now() as ordered_at, 5 as amount, 5 as unit_price
