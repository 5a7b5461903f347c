select o.id, l.sku, o.body.customer.name::varchar(max) as name
from {{ source('erp', 'orders') }} o, o.body.lines l
minus
select id, 'none', null from {{ ref('latest') }} where idd > 0
