-- model.shop.orders

-- each statement for itself
-- hook
set statement_timeout = 0;

-- one transaction
begin;
-- hook
select 'before; it';
-- main, counts the rows
create unlogged table "shop"."marts"."orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- index
create unique index if not exists "53c9b6d9fa44a3d7a3bc48067d37c91d"
  on "shop"."marts"."orders__dbt_tmp" (order_id);
-- index
create index if not exists "60abe08a88daed46a9276eb8fad56fc2"
  on "shop"."marts"."orders__dbt_tmp" using btree (amount, order_id);
-- drop
drop table if exists "shop"."marts"."orders";
-- swap
alter table "shop"."marts"."orders__dbt_tmp" rename to "orders";
-- hook
insert into audit.log values ('orders');
-- grant
grant select on "shop"."marts"."orders" to reporter;
commit;

-- each statement for itself
-- hook
vacuum "shop"."marts"."orders";
