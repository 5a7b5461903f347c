-- model.shop.fct_order_line
-- foreign_key of customer_key is proved: the load finds each key in dim_customer, or takes that of a member
-- foreign_key of place_key is proved: the load finds each key in dim_place, or takes that of a member
-- foreign_key of order_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of ship_date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_order_line', 0));
-- lock
lock table "star"."fct_order_line" in share row exclusive mode;
-- prepare
create table if not exists "star"."fct_order_line__ledger" (
  kind text not null,
  foreign_key text not null,
  "order_id" integer,
  "line_no" integer,
  natural_key text[]
);
-- comment
comment on table "star"."fct_order_line__ledger" is 'Natural keys that fct_order_line found no row for yet; kept by whc';
-- prepare
create temporary table whc_dimension on commit drop as
select 'customer_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_customer" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_customer"'::regclass::oid::text as place
union all
select 'place_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_place" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_place"'::regclass::oid::text as place;
-- prepare
create temporary table whc_from on commit drop as
select max(f."ordered_at") - interval '3 days' as at from "star"."fct_order_line" f;
-- main
create temporary table whc_stage on commit drop as
select s.*
from (
select * from staging.stg_order_lines
) s
where s."ordered_at" >= coalesce((select whc_from.at from pg_temp.whc_from), '-infinity') or s."ordered_at" is null;
-- analyze
analyze pg_temp.whc_stage ("customer_id", "ordered_at", "country", "city", "shipped_on");
-- prepare
do $whc$
begin
  raise notice '% was read from % on', 'fct_order_line by ordered_at',
    coalesce((select whc_from.at from pg_temp.whc_from)::text, 'the beginning');
end
$whc$;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_customer', 0));
-- lock
lock table "star"."dim_customer" in share row exclusive mode;
-- change
insert into "star"."dim_customer" ("customer_key", "customer_id", "valid_from",
  "valid_to", "is_current", "is_inferred")
select (select greatest(coalesce((select max("customer_key") from "star"."dim_customer"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_customer__ledger"), 0), 0))
    + row_number() over (order by n."customer_id"),
  n."customer_id", '-infinity', null, true, true
from (
  select distinct s."customer_id" as "customer_id"
  from pg_temp.whc_stage s
  left join "star"."dim_customer" d on s."customer_id" = d."customer_id"
  where not (s."customer_id" is null) and d."customer_key" is null
) n;
-- prepare
create temporary table whc_fact on commit drop as
select coalesce(d1."customer_key", -1) as "customer_key",
  coalesce(d2."place_key", '-1') as "place_key",
  coalesce(d3."date_key", -1) as "order_date_key",
  coalesce(d4."date_key", case when (s."shipped_on" is null) then -2 else -1 end) as "ship_date_key",
  s."order_id",
  s."line_no",
  s."ordered_at",
  s."amount",
  case when d1."customer_key" is null and not (s."customer_id" is null) then array[s."customer_id"::text] end as "whc_d1",
  case when d2."place_key" is null and not (s."country" is null or s."city" is null) then array[s."country"::text, s."city"::text] end as "whc_d2"
from pg_temp.whc_stage s
left join "star"."dim_customer" d1
  on s."customer_id" = d1."customer_id"
    and s."ordered_at" >= d1."valid_from"
    and s."ordered_at" < coalesce(d1."valid_to", 'infinity')
left join "star"."dim_place" d2
  on s."country" = d2."country" and s."city" = d2."city"
    and s."ordered_at" >= d2."valid_from"
    and s."ordered_at" < coalesce(d2."valid_to", 'infinity')
left join "star"."dim_date" d3
  on s."ordered_at"::date = d3."date"
left join "star"."dim_date" d4
  on s."shipped_on" = d4."date";
-- analyze
analyze pg_temp.whc_fact ("order_id", "line_no");
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."order_id") as whc_filled_0,
  count(g."line_no") as whc_filled_1,
  count(g."whc_d1") as whc_d1,
  count(g."whc_d2") as whc_d2
from pg_temp.whc_fact g;
-- audit null-grain: rows mean that rows of fct_order_line have NULL in the grain (order_id, line_no)
select count(*) over () as rows, f."order_id", f."line_no", f."ordered_at", f."amount"
from pg_temp.whc_fact f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1)
  and (f."order_id" is null or f."line_no" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_order_line agree in the grain (order_id, line_no)
select count(*) over () as keys, f."order_id", f."line_no", count(*) as rows
from pg_temp.whc_fact f
group by f."order_id", f."line_no" having count(*) > 1
order by count(*) desc, f."order_id", f."line_no"
limit 5;
-- prepare
set local seq_page_cost = 0.05;
-- prepare
set local random_page_cost = 0.05;
-- change
update "star"."fct_order_line" f
set "customer_key" = n."customer_key", "place_key" = n."place_key", "order_date_key" = n."order_date_key", "ship_date_key" = n."ship_date_key", "ordered_at" = n."ordered_at", "amount" = n."amount"
from pg_temp.whc_fact n
where f."order_id" = n."order_id" and f."line_no" = n."line_no"
  and (f."customer_key" is distinct from n."customer_key"
    or f."place_key" is distinct from n."place_key"
    or f."order_date_key" is distinct from n."order_date_key"
    or f."ship_date_key" is distinct from n."ship_date_key"
    or f."ordered_at" is distinct from n."ordered_at"
    or f."amount" is distinct from n."amount");
-- change, counts the rows
insert into "star"."fct_order_line" ("customer_key", "place_key", "order_date_key", "ship_date_key", "order_id", "line_no", "ordered_at", "amount")
select n."customer_key", n."place_key", n."order_date_key", n."ship_date_key", n."order_id", n."line_no", n."ordered_at", n."amount"
from pg_temp.whc_fact n
left join "star"."fct_order_line" f on f."order_id" = n."order_id" and f."line_no" = n."line_no"
where f.ctid is null;
-- prepare
set local seq_page_cost to default;
-- prepare
set local random_page_cost to default;
-- change
delete from "star"."fct_order_line__ledger" g using pg_temp.whc_fact n
where g."order_id" = n."order_id" and g."line_no" = n."line_no" and g.kind = 'unresolved'
  and g.foreign_key = 'customer_key'
  and g.natural_key is distinct from n."whc_d1";
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'customer_key', n."order_id", n."line_no", n."whc_d1"
from pg_temp.whc_fact n
where n."whc_d1" is not null
and not exists (
  select 1 from "star"."fct_order_line__ledger" g
  where g."order_id" = n."order_id" and g."line_no" = n."line_no" and g.kind = 'unresolved' and g.foreign_key = 'customer_key');
-- change
delete from "star"."fct_order_line__ledger" g using pg_temp.whc_fact n
where g."order_id" = n."order_id" and g."line_no" = n."line_no" and g.kind = 'unresolved'
  and g.foreign_key = 'place_key'
  and g.natural_key is distinct from n."whc_d2";
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'place_key', n."order_id", n."line_no", n."whc_d2"
from pg_temp.whc_fact n
where n."whc_d2" is not null
and not exists (
  select 1 from "star"."fct_order_line__ledger" g
  where g."order_id" = n."order_id" and g."line_no" = n."line_no" and g.kind = 'unresolved' and g.foreign_key = 'place_key');
-- prepare
create temporary table whc_d1_past on commit drop as
select x."customer_key", x."customer_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_customer" x
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key[1] = x.state)
  and age(x.xmin) <= (select coalesce(max(
    case when g.natural_key[3] = x.place
      and x.horizon::bigint - g.natural_key[2]::bigint between 0 and 2000000000
    then age((g.natural_key[2]::bigint % 4294967296)::text::xid) end), 2147483647)
  from "star"."fct_order_line__ledger" g join pg_temp.whc_dimension x using (foreign_key)
  where g.kind = 'dimension' and g.foreign_key = 'customer_key')
union all
select g.surrogate_key, g."customer_id", null, null, false
from "star"."dim_customer__ledger" g
left join "star"."dim_customer" x on x."customer_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key[1] = x.state)
  and g.kind = 'withdrawn' and x.ctid is null;
-- analyze
analyze pg_temp.whc_d1_past ("customer_key", "customer_id");
-- prepare
create temporary table whc_d1 on commit drop as
select f.ctid as whc_tid, f."order_id", f."line_no", n."customer_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_order_line__ledger" u
  join "star"."dim_customer" n on array[n."customer_id"::text] = u.natural_key
  join "star"."fct_order_line" f on f."order_id" = u."order_id" and f."line_no" = u."line_no"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", 'infinity')
  where u.kind = 'unresolved' and u.foreign_key = 'customer_key'
    and f."customer_key" is distinct from n."customer_key"
union all
select f.ctid as whc_tid, f."order_id", f."line_no", coalesce(n."customer_key", -1),
    array[o."customer_id"::text]
  from "star"."fct_order_line" f
  join pg_temp.whc_d1_past o on o."customer_key" = f."customer_key"
  left join "star"."dim_customer" n on n."customer_id" = o."customer_id"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", 'infinity')
  where (o.whc_there and f."ordered_at" >= o."valid_from"
    and f."ordered_at" < coalesce(o."valid_to", 'infinity')) is not true
    and f."customer_key" not in (-1, -2);
-- prepare
do $whc$
begin
  if exists (select from pg_temp.whc_d1) then
    raise notice '% rows of % were given another key to %, whose past changed',
      (select count(*) from pg_temp.whc_d1), 'fct_order_line', 'dim_customer';
  end if;
end
$whc$;
-- change
update "star"."fct_order_line" f set "customer_key" = s.whc_key
from pg_temp.whc_d1 s
where f.ctid = s.whc_tid;
-- change
delete from "star"."fct_order_line__ledger" g using pg_temp.whc_d1 s
where g."order_id" = s."order_id" and g."line_no" = s."line_no" and g.kind = 'unresolved'
  and g.foreign_key = 'customer_key';
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'customer_key', s."order_id", s."line_no", s.whc_natural
from pg_temp.whc_d1 s
where s.whc_key = -1;
-- prepare
create temporary table whc_d2_past on commit drop as
select x."place_key", x."country", x."city", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_place" x
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'place_key'
      and g.natural_key[1] = x.state)
  and age(x.xmin) <= (select coalesce(max(
    case when g.natural_key[3] = x.place
      and x.horizon::bigint - g.natural_key[2]::bigint between 0 and 2000000000
    then age((g.natural_key[2]::bigint % 4294967296)::text::xid) end), 2147483647)
  from "star"."fct_order_line__ledger" g join pg_temp.whc_dimension x using (foreign_key)
  where g.kind = 'dimension' and g.foreign_key = 'place_key')
union all
select g.surrogate_key, g."country", g."city", null, null, false
from "star"."dim_place__ledger" g
left join "star"."dim_place" x on x."place_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'place_key'
      and g.natural_key[1] = x.state)
  and g.kind = 'withdrawn' and x.ctid is null;
-- analyze
analyze pg_temp.whc_d2_past ("place_key", "country", "city");
-- prepare
create temporary table whc_d2 on commit drop as
select f.ctid as whc_tid, f."order_id", f."line_no", n."place_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_order_line__ledger" u
  join "star"."dim_place" n on array[n."country"::text, n."city"::text] = u.natural_key
  join "star"."fct_order_line" f on f."order_id" = u."order_id" and f."line_no" = u."line_no"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", 'infinity')
  where u.kind = 'unresolved' and u.foreign_key = 'place_key'
    and f."place_key" is distinct from n."place_key"
union all
select f.ctid as whc_tid, f."order_id", f."line_no", coalesce(n."place_key", '-1'),
    array[o."country"::text, o."city"::text]
  from "star"."fct_order_line" f
  join pg_temp.whc_d2_past o on o."place_key" = f."place_key"
  left join "star"."dim_place" n on n."country" = o."country" and n."city" = o."city"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", 'infinity')
  where (o.whc_there and f."ordered_at" >= o."valid_from"
    and f."ordered_at" < coalesce(o."valid_to", 'infinity')) is not true
    and f."place_key" not in ('-1');
-- prepare
do $whc$
begin
  if exists (select from pg_temp.whc_d2) then
    raise notice '% rows of % were given another key to %, whose past changed',
      (select count(*) from pg_temp.whc_d2), 'fct_order_line', 'dim_place';
  end if;
end
$whc$;
-- change
update "star"."fct_order_line" f set "place_key" = s.whc_key
from pg_temp.whc_d2 s
where f.ctid = s.whc_tid;
-- change
delete from "star"."fct_order_line__ledger" g using pg_temp.whc_d2 s
where g."order_id" = s."order_id" and g."line_no" = s."line_no" and g.kind = 'unresolved'
  and g.foreign_key = 'place_key';
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'place_key', s."order_id", s."line_no", s.whc_natural
from pg_temp.whc_d2 s
where s.whc_key = '-1';
-- change
delete from "star"."fct_order_line__ledger" g using pg_temp.whc_dimension x
where g.kind = 'dimension' and g.foreign_key = x.foreign_key
  and g.natural_key[1] is distinct from x.state;
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, array[x.state, x.horizon, x.place]
from pg_temp.whc_dimension x
where not exists (
  select 1 from "star"."fct_order_line__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state);
commit;
