-- model.shop.orders

-- one transaction; may be sent again
begin;
-- main, counts the rows
create materialized view "shop"."marts"."orders"
  backup yes
  diststyle key distkey (order_id)
  sortkey (amount)
  auto refresh yes
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- comment
comment on view "shop"."marts"."orders" is 'Orders; \\ and ''more''';
commit;
