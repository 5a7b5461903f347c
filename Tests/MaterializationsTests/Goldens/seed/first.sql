-- seed.shop.orders

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation marts.orders', 0));
-- prepare
create table "shop"."marts"."orders" (
  "id" integer,
  "Price" float8,
  "paid" boolean,
  "day" date,
  "at" timestamp without time zone,
  "note" text
);
-- main, counts the rows
copy "shop"."marts"."orders" ("id", "Price", "paid", "day", "at", "note")
  from stdin with (format csv, delimiter ',', freeze true);
-- the rows of orders.csv
-- index
create index if not exists "e4ed7e447ab101dccaf73b1a3e9ebe83"
  on "shop"."marts"."orders" (id);
commit;
