select product_id, title from {{ source('web', 'products') }}
