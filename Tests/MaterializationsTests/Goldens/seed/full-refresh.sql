-- seed.shop.orders

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation marts.orders', 0));
-- prepare
create table "shop"."marts"."orders__dbt_tmp" (
  "id" integer,
  "Price" float8,
  "paid" boolean,
  "day" date,
  "at" timestamp without time zone,
  "note" text
);
-- main, counts the rows
copy "shop"."marts"."orders__dbt_tmp" ("id", "Price", "paid", "day", "at", "note")
  from stdin with (format csv, delimiter ',', freeze true);
-- the rows of orders.csv
-- lock
select pg_advisory_xact_lock(hashtextextended('whc view reports.order_list', 0));
-- swap
alter table "shop"."marts"."orders" rename to "orders__dbt_backup";
-- swap
alter table "shop"."marts"."orders__dbt_tmp" rename to "orders";
-- swap
do $whc$
begin
  create or replace view "shop"."reports"."order_list" as
 SELECT orders.order_id
   FROM marts.orders;
exception
when insufficient_privilege or deadlock_detected then
  raise;
when others then
  drop view if exists "shop"."reports"."order_list" cascade;
  begin
    create view "reports"."order_list" as
 SELECT orders.order_id
   FROM marts.orders;
    begin
      grant SELECT on reports.order_list to public;
    exception when others then
      raise warning 'view % lost a grant, comment or index: %', '"shop"."reports"."order_list"', sqlerrm;
    end;
  exception
  when insufficient_privilege or deadlock_detected then
    raise;
  when others then
    raise warning 'view % was dropped: it no longer fits: %', '"shop"."reports"."order_list"', sqlerrm;
  end;
end
$whc$;
-- drop
drop table "shop"."marts"."orders__dbt_backup";
commit;
