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
-- main, counts the rows
merge into "shop"."marts"."orders"
  using "orders__dbt_tmp" as DBT_INTERNAL_SOURCE
  on (DBT_INTERNAL_SOURCE.order_id = "shop"."marts"."orders".order_id)
  when matched then update set
    "order_id" = DBT_INTERNAL_SOURCE."order_id",
    "amount" = DBT_INTERNAL_SOURCE."amount"
  when not matched then insert
    ("order_id", "amount")
  values
    (DBT_INTERNAL_SOURCE."order_id", DBT_INTERNAL_SOURCE."amount");
-- cleanup
drop table if exists "orders__dbt_tmp";
commit;
