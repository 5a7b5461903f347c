-- model.shop.long_long_long_long_long_long_long_long_long_long_long_long_

-- one transaction; may be sent again
begin;
-- main, counts the rows
create table "shop"."marts"."long_long_long_long_long_long_long_long_long__25fc0dd8__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- lock
select pg_advisory_xact_lock(hashtextextended('whc view reports.order_list', 0));
-- swap
alter table "shop"."marts"."long_long_long_long_long_long_long_long_long_long_long_long_" rename to "long_long_long_long_long_long_long_long_lo_25fc0dd8__dbt_backup";
-- swap
alter table "shop"."marts"."long_long_long_long_long_long_long_long_long__25fc0dd8__dbt_tmp" rename to "long_long_long_long_long_long_long_long_long_long_long_long_";
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
drop table "shop"."marts"."long_long_long_long_long_long_long_long_lo_25fc0dd8__dbt_backup";
commit;
