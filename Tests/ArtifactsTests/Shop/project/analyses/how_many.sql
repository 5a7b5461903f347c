select count(*) from {{ ref('fct_order_line') }}
