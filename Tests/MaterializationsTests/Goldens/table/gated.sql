-- model.shop.orders

-- one transaction; may be sent again
begin;
-- main, counts the rows
create table "shop"."marts"."orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- gate: the node's tests run here, against marts.orders__dbt_tmp
-- drop
drop table if exists "shop"."marts"."orders";
-- swap
alter table "shop"."marts"."orders__dbt_tmp" rename to "orders";
commit;
