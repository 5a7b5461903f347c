-- model.shop.orders

-- one transaction; may be sent again
begin;
-- drop
drop materialized view if exists "shop"."marts"."orders" cascade;
-- main, counts the rows
create materialized view "shop"."marts"."orders"
  backup yes
  diststyle even
  auto refresh no
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
commit;
