-- model.shop.orders

-- one transaction; may be sent again
begin;
-- cleanup
drop table if exists "shop"."marts"."orders__dbt_tmp" cascade;
-- cleanup
drop table if exists "shop"."marts"."orders__dbt_backup" cascade;
-- main, counts the rows
create table "shop"."marts"."orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- drop
drop table if exists "shop"."marts"."orders";
-- swap
alter table "shop"."marts"."orders__dbt_tmp" rename to "orders";
commit;
