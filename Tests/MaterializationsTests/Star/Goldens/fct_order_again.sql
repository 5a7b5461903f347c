-- model.shop.fct_order
-- foreign_key of customer_key is proved: the load finds each key in dim_customer, or takes that of a member
-- foreign_key of ordered_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of shipped_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of paid_date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_order', 0));
-- lock
lock table "star"."fct_order" in share row exclusive mode;
-- prepare
create table if not exists "star"."fct_order__ledger" (
  kind text not null,
  foreign_key text not null,
  "order_id" integer,
  natural_key text[]
);
-- comment
comment on table "star"."fct_order__ledger" is 'Natural keys that fct_order found no row for yet; kept by whc';
-- prepare
create temporary table whc_dimension on commit drop as
select 'customer_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_customer" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_customer"'::regclass::oid::text as place;
-- main
create temporary table whc_stage on commit drop as
select s.*
from (
select * from staging.stg_orders
) s;
-- analyze
analyze pg_temp.whc_stage ("customer_id", "ordered_at", "shipped_on", "paid_at");
-- prepare
update pg_temp.whc_stage s
set "ordered_at" = coalesce(s."ordered_at", f."ordered_at"), "shipped_on" = coalesce(s."shipped_on", f."shipped_on"), "paid_at" = coalesce(s."paid_at", f."paid_at")
from "star"."fct_order" f
where f."order_id" = s."order_id"
  and (s."ordered_at" is null and f."ordered_at" is not null
    or s."shipped_on" is null and f."shipped_on" is not null
    or s."paid_at" is null and f."paid_at" is not null);
-- prepare
create temporary table whc_fact on commit drop as
select coalesce(d1."customer_key", -1) as "customer_key",
  coalesce(d2."date_key", case when (s."ordered_at" is null) then -2 else -1 end) as "ordered_date_key",
  coalesce(d3."date_key", case when (s."shipped_on" is null) then -2 else -1 end) as "shipped_date_key",
  coalesce(d4."date_key", case when (s."paid_at" is null) then -2 else -1 end) as "paid_date_key",
  s."order_id",
  s."ordered_at",
  s."shipped_on",
  s."paid_at",
  s."amount",
  (s."shipped_on" - s."ordered_at"::date) as "ordered_to_shipped_days",
  round((extract(epoch from (s."paid_at"::timestamptz - s."ordered_at"::timestamptz)) / 3600)::numeric, 2) as "ordered_to_paid_hours",
  case when d1."customer_key" is null and not (s."customer_id" is null) then array[s."customer_id"::text] end as "whc_d1"
from pg_temp.whc_stage s
left join "star"."dim_customer" d1
  on s."customer_id" = d1."customer_id"
    and s."ordered_at" >= d1."valid_from"
    and s."ordered_at" < coalesce(d1."valid_to", 'infinity')
left join "star"."dim_date" d2
  on s."ordered_at"::date = d2."date"
left join "star"."dim_date" d3
  on s."shipped_on" = d3."date"
left join "star"."dim_date" d4
  on s."paid_at"::date = d4."date";
-- analyze
analyze pg_temp.whc_fact ("order_id");
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."order_id") as whc_filled_0,
  count(distinct g."order_id") as whc_keys,
  count(g."whc_d1") as whc_d1
from pg_temp.whc_fact g;
-- audit null-grain: rows mean that rows of fct_order have NULL in the grain (order_id)
select count(*) over () as rows, f."order_id", f."ordered_at", f."shipped_on", f."paid_at", f."amount"
from pg_temp.whc_fact f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0)
  and (f."order_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_order agree in the grain (order_id)
select count(*) over () as keys, f."order_id", count(*) as rows
from pg_temp.whc_fact f
where exists (select 1 from pg_temp.whc_count where whc_filled_0 <> whc_keys)
group by f."order_id" having count(*) > 1
order by count(*) desc, f."order_id"
limit 5;
-- audit milestone-order: rows mean that rows of fct_order reach a later milestone before an earlier one
select count(*) over () as rows, f."order_id", f."ordered_at", f."shipped_on", f."paid_at"
from pg_temp.whc_fact f
where (f."shipped_on" < f."ordered_at"::date
    or f."paid_at"::date < greatest(f."ordered_at"::date, f."shipped_on"))
order by f."order_id"
limit 5;
-- prepare
set local seq_page_cost = 0.05;
-- prepare
set local random_page_cost = 0.05;
-- change
update "star"."fct_order" f
set "customer_key" = n."customer_key", "ordered_date_key" = n."ordered_date_key", "shipped_date_key" = n."shipped_date_key", "paid_date_key" = n."paid_date_key", "ordered_at" = n."ordered_at", "shipped_on" = n."shipped_on", "paid_at" = n."paid_at", "amount" = n."amount", "ordered_to_shipped_days" = n."ordered_to_shipped_days", "ordered_to_paid_hours" = n."ordered_to_paid_hours"
from pg_temp.whc_fact n
where f."order_id" = n."order_id"
  and (f."customer_key" is distinct from n."customer_key"
    or f."ordered_date_key" is distinct from n."ordered_date_key"
    or f."shipped_date_key" is distinct from n."shipped_date_key"
    or f."paid_date_key" is distinct from n."paid_date_key"
    or f."ordered_at" is distinct from n."ordered_at"
    or f."shipped_on" is distinct from n."shipped_on"
    or f."paid_at" is distinct from n."paid_at"
    or f."amount" is distinct from n."amount"
    or f."ordered_to_shipped_days" is distinct from n."ordered_to_shipped_days"
    or f."ordered_to_paid_hours" is distinct from n."ordered_to_paid_hours");
-- change, counts the rows
insert into "star"."fct_order" ("customer_key", "ordered_date_key", "shipped_date_key", "paid_date_key", "order_id", "ordered_at", "shipped_on", "paid_at", "amount", "ordered_to_shipped_days", "ordered_to_paid_hours")
select n."customer_key", n."ordered_date_key", n."shipped_date_key", n."paid_date_key", n."order_id", n."ordered_at", n."shipped_on", n."paid_at", n."amount", n."ordered_to_shipped_days", n."ordered_to_paid_hours"
from pg_temp.whc_fact n
left join "star"."fct_order" f on f."order_id" = n."order_id"
where f.ctid is null;
-- prepare
set local seq_page_cost to default;
-- prepare
set local random_page_cost to default;
-- change
delete from "star"."fct_order__ledger" g using pg_temp.whc_fact n
where g."order_id" = n."order_id" and g.kind = 'unresolved'
  and g.foreign_key = 'customer_key'
  and g.natural_key is distinct from n."whc_d1";
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, "order_id", natural_key)
select 'unresolved', 'customer_key', n."order_id", n."whc_d1"
from pg_temp.whc_fact n
where n."whc_d1" is not null
and not exists (
  select 1 from "star"."fct_order__ledger" g
  where g."order_id" = n."order_id" and g.kind = 'unresolved' and g.foreign_key = 'customer_key');
-- prepare
create temporary table whc_d1_past on commit drop as
select x."customer_key", x."customer_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_customer" x
where not exists (
    select 1 from "star"."fct_order__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key[1] = x.state)
  and age(x.xmin) <= (select coalesce(max(
    case when g.natural_key[3] = x.place
      and x.horizon::bigint - g.natural_key[2]::bigint between 0 and 2000000000
    then age((g.natural_key[2]::bigint % 4294967296)::text::xid) end), 2147483647)
  from "star"."fct_order__ledger" g join pg_temp.whc_dimension x using (foreign_key)
  where g.kind = 'dimension' and g.foreign_key = 'customer_key')
union all
select g.surrogate_key, g."customer_id", null, null, false
from "star"."dim_customer__ledger" g
left join "star"."dim_customer" x on x."customer_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_order__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key[1] = x.state)
  and g.kind = 'withdrawn' and x.ctid is null;
-- analyze
analyze pg_temp.whc_d1_past ("customer_key", "customer_id");
-- prepare
create temporary table whc_d1 on commit drop as
select f.ctid as whc_tid, f."order_id", n."customer_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_order__ledger" u
  join "star"."dim_customer" n on array[n."customer_id"::text] = u.natural_key
  join "star"."fct_order" f on f."order_id" = u."order_id"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", 'infinity')
  where u.kind = 'unresolved' and u.foreign_key = 'customer_key'
    and f."customer_key" is distinct from n."customer_key"
union all
select f.ctid as whc_tid, f."order_id", coalesce(n."customer_key", -1),
    array[o."customer_id"::text]
  from "star"."fct_order" f
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
      (select count(*) from pg_temp.whc_d1), 'fct_order', 'dim_customer';
  end if;
end
$whc$;
-- change
update "star"."fct_order" f set "customer_key" = s.whc_key
from pg_temp.whc_d1 s
where f.ctid = s.whc_tid;
-- change
delete from "star"."fct_order__ledger" g using pg_temp.whc_d1 s
where g."order_id" = s."order_id" and g.kind = 'unresolved'
  and g.foreign_key = 'customer_key';
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, "order_id", natural_key)
select 'unresolved', 'customer_key', s."order_id", s.whc_natural
from pg_temp.whc_d1 s
where s.whc_key = -1;
-- change
delete from "star"."fct_order__ledger" g using pg_temp.whc_dimension x
where g.kind = 'dimension' and g.foreign_key = x.foreign_key
  and g.natural_key[1] is distinct from x.state;
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, array[x.state, x.horizon, x.place]
from pg_temp.whc_dimension x
where not exists (
  select 1 from "star"."fct_order__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state);
commit;
