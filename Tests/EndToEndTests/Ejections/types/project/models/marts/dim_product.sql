select code as product_code, name, price, updated_at from {{ ref('raw_products') }}
