-- depends_on: {{ ref('fct_order_line') }}
select customer_region, order_day_name, sum(shipping) as shipping
from {{ this.schema }}.fct_order_line_flat
group by 1, 2
