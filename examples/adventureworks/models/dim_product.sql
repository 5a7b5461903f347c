select
  p.productid,
  p.name as product_name,
  p.productnumber,
  p.color,
  p.class,
  sub.name as product_subcategory_name,
  cat.name as product_category_name
from {{ ref('product') }} p
left join {{ ref('productsubcategory') }} sub on sub.productsubcategoryid = p.productsubcategoryid
left join {{ ref('productcategory') }} cat on cat.productcategoryid = sub.productcategoryid
