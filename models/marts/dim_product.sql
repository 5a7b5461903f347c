select product_code, product_name, category, list_price, updated_at
from {{ ref('stg_products') }}
