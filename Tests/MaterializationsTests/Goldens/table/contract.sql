-- model.shop.orders

-- one transaction; may be sent again
begin;
-- prepare
create table "shop"."marts"."orders" (
    amount numeric(10,2) not null,
    order_id int primary key references "shop"."raw"."orders" (id),
    constraint positive check (amount >= 0)
  );
-- main, counts the rows
insert into "shop"."marts"."orders" (amount, order_id)
  (
    select amount, order_id
    from (
select order_id, amount from "shop"."staging"."stg_orders"
    ) as model_subq
  );
commit;
