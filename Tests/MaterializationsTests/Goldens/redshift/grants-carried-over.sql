-- model.shop.orders

-- one transaction
begin;
-- lock
lock table "shop"."marts"."orders";
-- main, counts the rows
insert into "shop"."marts"."orders" ("order_id", "amount")
  (
    select "order_id", "amount"
    from (
select order_id, amount from "shop"."staging"."stg_orders"
    ) as dbt_internal_source
  );
-- grant; rendered when its turn comes
{% do apply_grants(this, config.get('grants'), should_revoke=True) %}
commit;
