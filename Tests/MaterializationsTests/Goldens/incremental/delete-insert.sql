-- model.shop.orders

-- one transaction
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation marts.orders', 0));
-- prepare
create temporary table "orders__dbt_tmp" on commit drop
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- change
delete from "shop"."marts"."orders" as DBT_INTERNAL_DEST
where (order_id) in (
  select distinct order_id
  from "orders__dbt_tmp" as DBT_INTERNAL_SOURCE
);
-- main, counts the rows
insert into "shop"."marts"."orders" ("order_id", "amount")
  (
    select "order_id", "amount"
    from "orders__dbt_tmp"
  );
commit;
