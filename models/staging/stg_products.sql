-- Product versions, cleaned; a product without a category is Uncategorised.
select
  product_code,
  {{ clean_name('product_name') }} as product_name,
  coalesce(nullif(trim(category), ''), 'Uncategorised') as category,
  list_price,
  updated_at
from {{ ref('raw_products') }}
