-- seed.shop.orders

-- one transaction; may be sent again
begin;
-- prepare
create table "shop"."marts"."orders" (
  "id" integer,
  "note" varchar(12),
  "city" varchar(64)
)
  diststyle all;
-- main, counts the rows
insert into "shop"."marts"."orders" ("id", "note", "city") values;
-- the rows of orders.csv
commit;
