select product_id, title from {{ ref("stg_products") }}
