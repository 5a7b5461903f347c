-- model.shop.orders

-- one transaction
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation marts.orders', 0));
-- main, counts the rows
merge into "shop"."marts"."orders" as DBT_INTERNAL_DEST
  using (
select order_id, amount from "shop"."staging"."stg_orders"
  ) as DBT_INTERNAL_SOURCE
  on (DBT_INTERNAL_DEST.amount > 0) and (DBT_INTERNAL_SOURCE.order_id = DBT_INTERNAL_DEST.order_id) and (DBT_INTERNAL_SOURCE.amount = DBT_INTERNAL_DEST.amount)
  when matched then update set
    "amount" = DBT_INTERNAL_SOURCE."amount"
  when not matched then insert
    ("order_id", "amount")
  values
    (DBT_INTERNAL_SOURCE."order_id", DBT_INTERNAL_SOURCE."amount");
commit;
