-- model.shop.orders

-- one transaction; may be sent again
begin;
-- main, counts the rows
create table "shop"."marts"."orders__dbt_tmp"
  diststyle key distkey (order_id)
  compound sortkey (amount)
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- drop
drop table if exists "shop"."marts"."orders" cascade;
-- swap
alter table "shop"."marts"."orders__dbt_tmp" rename to "orders";
commit;
