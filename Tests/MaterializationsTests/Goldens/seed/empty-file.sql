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
commit;
