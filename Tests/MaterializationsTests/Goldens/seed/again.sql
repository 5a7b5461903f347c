-- seed.shop.orders

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation marts.orders', 0));
-- prepare
truncate table "shop"."marts"."orders";
-- main, counts the rows
copy "shop"."marts"."orders" ("id", "Price", "paid", "day", "at", "note")
  from stdin with (format csv, delimiter ',', freeze true);
-- the rows of orders.csv
commit;
