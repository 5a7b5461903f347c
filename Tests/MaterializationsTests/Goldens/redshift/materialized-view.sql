-- model.shop.orders

-- each statement for itself; may be sent again
-- main, counts the rows
create materialized view "shop"."marts"."orders"
  backup yes
  diststyle even
  auto refresh no
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
