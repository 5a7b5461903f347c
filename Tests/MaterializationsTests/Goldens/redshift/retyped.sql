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
alter table "shop"."marts"."orders" add column "order_id__dbt_alter" bigint;
-- change
update "shop"."marts"."orders" set "order_id__dbt_alter" = "order_id";
-- change
alter table "shop"."marts"."orders" drop column "order_id" cascade;
-- change
alter table "shop"."marts"."orders" rename column "order_id__dbt_alter" to "order_id";
-- change
alter table "shop"."marts"."orders" add column "amount__dbt_alter" numeric(12,2);
-- change
update "shop"."marts"."orders" set "amount__dbt_alter" = "amount";
-- change
alter table "shop"."marts"."orders" drop column "amount" cascade;
-- change
alter table "shop"."marts"."orders" rename column "amount__dbt_alter" to "amount";
-- change
alter table "shop"."marts"."orders" add column "note__dbt_alter" character varying(9);
-- change
update "shop"."marts"."orders" set "note__dbt_alter" = "note";
-- change
alter table "shop"."marts"."orders" drop column "note" cascade;
-- change
alter table "shop"."marts"."orders" rename column "note__dbt_alter" to "note";
-- change
delete from "shop"."marts"."orders"
where (order_id) in (
  select distinct order_id
  from "orders__dbt_tmp"
);
-- main, counts the rows
insert into "shop"."marts"."orders" ("order_id", "amount", "note")
  (
    select "order_id", "amount", "note"
    from "orders__dbt_tmp"
  );
-- cleanup
drop table if exists "orders__dbt_tmp";
commit;
