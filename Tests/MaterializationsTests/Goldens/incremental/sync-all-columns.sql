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
-- lock
select pg_advisory_xact_lock(hashtextextended('whc view reports.order_list', 0));
-- lock
select pg_advisory_xact_lock(hashtextextended('whc view reports.order_top', 0));
-- prepare
drop view "shop"."reports"."order_top";
-- prepare
drop view "shop"."reports"."order_list";
-- change
alter table "shop"."marts"."orders"
  add column "note" text,
  drop column "amount",
  alter column "order_id" type bigint;
-- main, counts the rows
insert into "shop"."marts"."orders" ("order_id", "note")
  (
    select "order_id", "note"
    from "orders__dbt_tmp"
  );
-- change
do $whc$
begin
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
-- change
do $whc$
begin
  begin
    create view "reports"."order_top" as
 SELECT orders.order_id
   FROM marts.orders;
    begin
      grant SELECT on reports.order_top to public;
    exception when others then
      raise warning 'view % lost a grant, comment or index: %', '"shop"."reports"."order_top"', sqlerrm;
    end;
  exception
  when insufficient_privilege or deadlock_detected then
    raise;
  when others then
    raise warning 'view % was dropped: it no longer fits: %', '"shop"."reports"."order_top"', sqlerrm;
  end;
end
$whc$;
commit;
