-- ÄÖÜ
with both as (select order_id from {{ ref('orders') }})
select order_id from both
