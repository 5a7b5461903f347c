-- seed.shop.orders

-- one transaction; may be sent again
begin;
-- lock
lock table "shop"."marts"."orders";
-- prepare
delete from "shop"."marts"."orders";
-- main, counts the rows
insert into "shop"."marts"."orders" ("id") values;
-- the rows of orders.csv
commit;
