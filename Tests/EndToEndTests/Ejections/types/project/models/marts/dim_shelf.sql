select code as product_code, name, price from {{ ref('raw_products') }}
