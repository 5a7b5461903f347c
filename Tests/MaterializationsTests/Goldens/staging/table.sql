-- model.shop.orders

-- each statement for itself; may be sent again
-- main, counts the rows
create table "shop"."marts"."orders"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
