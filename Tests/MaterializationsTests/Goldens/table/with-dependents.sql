-- model.shop.orders

-- one transaction; may be sent again
begin;
-- main, counts the rows
create table "shop"."marts"."orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- lock
select pg_advisory_xact_lock(hashtextextended('whc view reports.order_list', 0));
-- lock
select pg_advisory_xact_lock(hashtextextended('whc view reports.order_sums', 0));
-- lock
select pg_advisory_xact_lock(hashtextextended('whc view reports.order_top', 0));
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
-- swap
do $whc$
begin
  drop materialized view if exists "shop"."reports"."order_sums" cascade;
  begin
    create materialized view "reports"."order_sums" as
 SELECT orders.order_id
   FROM marts.orders;
    begin
      grant SELECT on reports.order_sums to public;
    exception when others then
      raise warning 'view % lost a grant, comment or index: %', '"shop"."reports"."order_sums"', sqlerrm;
    end;
  exception
  when insufficient_privilege or deadlock_detected then
    raise;
  when others then
    raise warning 'view % was dropped: it no longer fits: %', '"shop"."reports"."order_sums"', sqlerrm;
  end;
end
$whc$;
-- swap
do $whc$
begin
  alter table "shop"."marts"."lines" drop constraint "lines_order_fk";
  begin
    alter table "shop"."marts"."lines" add constraint "lines_order_fk" FOREIGN KEY (order_id) REFERENCES marts.orders(order_id);
  exception when others then
    raise warning 'foreign key % of % was dropped: it does not fit the new %: %',
      'lines_order_fk', 'lines',
      'orders', sqlerrm;
  end;
end
$whc$;
-- drop
drop table "shop"."marts"."orders__dbt_backup";
commit;
