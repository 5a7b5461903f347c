-- model.shop.orders

-- one transaction; may be sent again
begin;
-- main
create or replace view "shop"."marts"."orders"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
commit;

-- otherwise, when the server answers 42P16:
begin;
-- main
create view "shop"."marts"."orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- drop
drop view if exists "shop"."marts"."orders";
-- swap
alter view "shop"."marts"."orders__dbt_tmp" rename to "orders";
commit;
