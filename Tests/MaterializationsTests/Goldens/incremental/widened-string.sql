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
alter table "shop"."marts"."orders"
  alter column "code" type character varying(9);
-- main, counts the rows
insert into "shop"."marts"."orders" ("code", "name")
  (
    select "code", "name"
    from "orders__dbt_tmp"
  );
commit;
