-- model.shop.orders

-- one transaction; may be sent again
begin;
-- main, counts the rows
create table "shop"."marts"."orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- index
create index if not exists "939f0eec1496350aa8c5341cce94376d"
  on "shop"."marts"."orders__dbt_tmp" (order_id);
-- drop
drop table if exists "shop"."marts"."orders";
-- swap
alter table "shop"."marts"."orders__dbt_tmp" rename to "orders";
commit;
