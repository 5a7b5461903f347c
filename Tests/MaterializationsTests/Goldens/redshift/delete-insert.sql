-- model.shop.orders

-- one transaction
begin;
-- lock
lock table "shop"."marts"."orders";
-- prepare
create temporary table "orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- change
delete from "shop"."marts"."orders"
where (order_id) in (
  select distinct order_id
  from "orders__dbt_tmp"
);
-- main, counts the rows
insert into "shop"."marts"."orders" ("order_id", "amount")
  (
    select "order_id", "amount"
    from "orders__dbt_tmp"
  );
-- cleanup
drop table if exists "orders__dbt_tmp";
commit;
