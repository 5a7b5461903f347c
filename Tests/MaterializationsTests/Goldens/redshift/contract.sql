-- model.shop.orders
-- warning: Detected columns with numeric type and unspecified precision/scale, this can lead to unintended rounding: ['amount']

-- one transaction; may be sent again
begin;
-- prepare
create table "shop"."marts"."orders" (
    order_id integer not null primary key,
    amount numeric
  )
  backup no
  diststyle even
  interleaved sortkey (order_id, amount);
-- main, counts the rows
insert into "shop"."marts"."orders" (order_id, amount)
  (
    select order_id, amount
    from (
select order_id, amount from "shop"."staging"."stg_orders"
    ) as model_subq
  );
commit;
