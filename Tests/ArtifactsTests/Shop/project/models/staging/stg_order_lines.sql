-- One row for each line of an order, cleaned.
select
    order_id,
    line_no,
    customer_id,
    product_id,
    ordered_at::timestamp as ordered_at,
    shipped_at::date as shipped_at,
    quantity,
    amount,
    {{ total('quantity', 'amount') }} as total_price
from {{ ref('raw_order_lines') }}
where region is not null and status <> 'cancelled' {# lines of cancelled orders never count #}
