-- model.shop.orders

-- one transaction
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation marts.orders', 0));
-- main, counts the rows
insert into "shop"."marts"."orders" ("order_id", "amount")
  (
    select "order_id", "amount"
    from (
select order_id, amount from "shop"."staging"."stg_orders"
    ) as dbt_internal_source
  );
commit;
