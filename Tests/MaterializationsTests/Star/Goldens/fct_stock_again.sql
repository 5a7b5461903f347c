-- model.shop.fct_stock
-- foreign_key of date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of owner_agent_key is proved: the load finds each key in dim_agent, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_stock', 0));
-- lock
lock table "star"."fct_stock" in share row exclusive mode;
-- prepare
create table if not exists "star"."fct_stock__ledger" (
  kind text not null,
  foreign_key text not null,
  "product_id" integer,
  "place" text,
  "period_start" date,
  natural_key text[]
);
-- comment
comment on table "star"."fct_stock__ledger" is 'Natural keys that fct_stock found no row for yet; kept by whc';
-- prepare
create temporary table whc_dimension on commit drop as
select 'owner_agent_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_agent" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_agent"'::regclass::oid::text as place;
-- audit period-changed: rows mean that fct_stock had periods of another length
select count(*) over () as rows, g.foreign_key as period
from "star"."fct_stock__ledger" g
where g.kind = 'closed' and g.foreign_key <> 'month'
limit 1;
-- prepare
create temporary table whc_open on commit drop as
select coalesce((select max(g.natural_key[1])::date from "star"."fct_stock__ledger" g where g.kind = 'closed'), date '-infinity') as open_from,
  date_trunc('month', date '2024-01-01')::date as first, date_trunc('month', x.at)::date as last,
  date_trunc('month', x.at)::date as present,
  date_trunc('month', x.at - interval '2 days')::date as closes
from (select clock_timestamp() as at) x;
-- main
create temporary table whc_reading on commit drop as
select s.*, date_trunc('month', s."counted_at")::date as "period_start",
  rank() over (partition by s."product_id", s."place", date_trunc('month', s."counted_at")::date
    order by s."counted_at" desc) as whc_rank
from (
select * from staging.stg_stock
) s;
-- audit null-event-time: rows mean that rows of fct_stock have NULL in counted_at and are of no period
select count(*) over () as rows, s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand"
from pg_temp.whc_reading s
where s."period_start" is null
limit 5;
-- look for period-after-end: rows mean that rows of fct_stock are of periods after its last one and were left out
select count(*) over () as rows, s."product_id", s."place", s."counted_at"
from pg_temp.whc_reading s
where s."period_start" > (select o.last from pg_temp.whc_open o)
order by s."counted_at" desc, s."product_id", s."place"
limit 5;
-- look for closed-period: rows mean that rows of fct_stock say something new of closed periods and were left out
select count(*) over () as rows, s."product_id", s."place", s."counted_at"
from pg_temp.whc_reading s
join pg_temp.whc_open o on s."period_start" < o.open_from and s."period_start" >= o.first and s."period_start" <= o.last
left join "star"."fct_stock" f on f."product_id" = s."product_id" and f."place" = s."place" and f."period_start" = s."period_start"
      and f."owner_id" is not distinct from s."owner_id"
      and f."counted_at" is not distinct from s."counted_at"
      and f."on_hand" is not distinct from s."on_hand"
where f.ctid is null and s.whc_rank = 1
order by s."counted_at" desc, s."product_id", s."place"
limit 5;
-- prepare
create temporary table whc_stage on commit drop as
with stated as (
  select s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand", s."period_start"
  from pg_temp.whc_reading s
  join pg_temp.whc_open o on s."period_start" >= o.open_from and s."period_start" >= o.first and s."period_start" <= o.last
  where true and s.whc_rank = 1
), known as (
  select s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand", s."period_start" from stated s
  union all
  (select distinct on (s."product_id", s."place") s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand", s."period_start"
  from pg_temp.whc_reading s
  join pg_temp.whc_open o on s."period_start" < o.first
  order by s."product_id", s."place", s."counted_at" desc)
  union all
  (select distinct on (f."product_id", f."place") f."product_id", f."place", f."owner_id", f."counted_at", f."on_hand", f."period_start"
  from "star"."fct_stock" f
  join pg_temp.whc_open o on f."period_start" < o.open_from
  order by f."product_id", f."place", f."period_start" desc)
  union all
  select f."product_id", f."place", f."owner_id", f."counted_at", f."on_hand", f."period_start"
  from "star"."fct_stock" f
  join pg_temp.whc_open o on f."period_start" >= o.open_from
  where (f."is_filled") is not true and f."period_start" not in (select s."period_start" from stated s)
), line as (
  select k.*, lead(k."period_start") over (partition by k."product_id", k."place" order by k."period_start") as whc_next
  from known k
)
select s.*, (s."period_start" + interval '1 month' - interval '1 day')::date as "period_end", false as "is_filled"
from stated s
union all
select k."product_id", k."place", k."owner_id", k."counted_at", cast(0 as integer), x.at::date, (x.at::date + interval '1 month' - interval '1 day')::date, true
from line k
cross join pg_temp.whc_open o
cross join generate_series(
  greatest(k."period_start" + interval '1 month', o.open_from::timestamp, o.first::timestamp),
  least(k.whc_next - interval '1 month', o.last::timestamp, o.present::timestamp, date_trunc('month', k."counted_at" + interval '6 months')::date::timestamp), interval '1 month') as x(at);
-- analyze
analyze pg_temp.whc_stage ("period_end", "owner_id");
-- prepare
create temporary table whc_fact on commit drop as
select coalesce(d1."date_key", -1) as "date_key",
  coalesce(d2."agent_key", -1) as "owner_agent_key",
  coalesce(d2."agent_durable_key", -1) as "owner_agent_durable_key",
  s."product_id",
  s."place",
  s."owner_id",
  s."counted_at",
  s."on_hand",
  s."period_start",
  s."period_end",
  s."is_filled",
  case when d2."agent_key" is null and not (s."owner_id" is null) then array[s."owner_id"::text] end as "whc_d2"
from pg_temp.whc_stage s
left join "star"."dim_date" d1
  on s."period_end" = d1."date"
left join "star"."dim_agent" d2
  on s."owner_id" = d2."agent_id"
    and (s."period_end" + interval '1 day') > d2."valid_from"
    and (s."period_end" + interval '1 day') <= coalesce(d2."valid_to", 'infinity');
-- analyze
analyze pg_temp.whc_fact ("product_id", "place", "period_start");
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."product_id") as whc_filled_0,
  count(g."place") as whc_filled_1,
  count(g."period_start") as whc_filled_2,
  count(g."whc_d2") as whc_d2
from pg_temp.whc_fact g;
-- audit null-grain: rows mean that rows of fct_stock have NULL in the grain (product_id, place, period_start)
select count(*) over () as rows, f."product_id", f."place", f."owner_id", f."counted_at", f."on_hand", f."period_start", f."period_end", f."is_filled"
from pg_temp.whc_fact f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1 or whc_rows <> whc_filled_2)
  and (f."product_id" is null or f."place" is null or f."period_start" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_stock agree in the grain (product_id, place, period_start)
select count(*) over () as keys, f."product_id", f."place", f."period_start", count(*) as rows
from pg_temp.whc_fact f
group by f."product_id", f."place", f."period_start" having count(*) > 1
order by count(*) desc, f."product_id", f."place", f."period_start"
limit 5;
-- prepare
set local seq_page_cost = 0.05;
-- prepare
set local random_page_cost = 0.05;
-- change
update "star"."fct_stock" f
set "date_key" = n."date_key", "owner_agent_key" = n."owner_agent_key", "owner_agent_durable_key" = n."owner_agent_durable_key", "owner_id" = n."owner_id", "counted_at" = n."counted_at", "on_hand" = n."on_hand", "period_end" = n."period_end", "is_filled" = n."is_filled"
from pg_temp.whc_fact n
where f."product_id" = n."product_id" and f."place" = n."place" and f."period_start" = n."period_start"
  and (f."date_key" is distinct from n."date_key"
    or f."owner_agent_key" is distinct from n."owner_agent_key"
    or f."owner_agent_durable_key" is distinct from n."owner_agent_durable_key"
    or f."owner_id" is distinct from n."owner_id"
    or f."counted_at" is distinct from n."counted_at"
    or f."on_hand" is distinct from n."on_hand"
    or f."period_end" is distinct from n."period_end"
    or f."is_filled" is distinct from n."is_filled");
-- change, counts the rows
insert into "star"."fct_stock" ("date_key", "owner_agent_key", "owner_agent_durable_key", "product_id", "place", "owner_id", "counted_at", "on_hand", "period_start", "period_end", "is_filled")
select n."date_key", n."owner_agent_key", n."owner_agent_durable_key", n."product_id", n."place", n."owner_id", n."counted_at", n."on_hand", n."period_start", n."period_end", n."is_filled"
from pg_temp.whc_fact n
left join "star"."fct_stock" f on f."product_id" = n."product_id" and f."place" = n."place" and f."period_start" = n."period_start"
where f.ctid is null;
-- prepare
set local seq_page_cost to default;
-- prepare
set local random_page_cost to default;
-- change
delete from "star"."fct_stock" f using pg_temp.whc_open o
where f."period_start" >= o.open_from
  and (f."is_filled" or f."period_start" in (select n."period_start" from pg_temp.whc_fact n where not n."is_filled"))
  and not exists (select 1 from pg_temp.whc_fact n where f."product_id" = n."product_id" and f."place" = n."place" and f."period_start" = n."period_start");
-- change
delete from "star"."fct_stock__ledger" g using pg_temp.whc_fact n
where g."product_id" = n."product_id" and g."place" = n."place" and g."period_start" = n."period_start" and g.kind = 'unresolved'
  and g.foreign_key = 'owner_agent_key'
  and g.natural_key is distinct from n."whc_d2";
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, "product_id", "place", "period_start", natural_key)
select 'unresolved', 'owner_agent_key', n."product_id", n."place", n."period_start", n."whc_d2"
from pg_temp.whc_fact n
where n."whc_d2" is not null
and not exists (
  select 1 from "star"."fct_stock__ledger" g
  where g."product_id" = n."product_id" and g."place" = n."place" and g."period_start" = n."period_start" and g.kind = 'unresolved' and g.foreign_key = 'owner_agent_key');
-- prepare
create temporary table whc_d2_past on commit drop as
select x."agent_key", x."agent_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_agent" x
where not exists (
    select 1 from "star"."fct_stock__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'owner_agent_key'
      and g.natural_key[1] = x.state)
  and age(x.xmin) <= (select coalesce(max(
    case when g.natural_key[3] = x.place
      and x.horizon::bigint - g.natural_key[2]::bigint between 0 and 2000000000
    then age((g.natural_key[2]::bigint % 4294967296)::text::xid) end), 2147483647)
  from "star"."fct_stock__ledger" g join pg_temp.whc_dimension x using (foreign_key)
  where g.kind = 'dimension' and g.foreign_key = 'owner_agent_key')
union all
select g.surrogate_key, g."agent_id", null, null, false
from "star"."dim_agent__ledger" g
left join "star"."dim_agent" x on x."agent_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_stock__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'owner_agent_key'
      and g.natural_key[1] = x.state)
  and g.kind = 'withdrawn' and x.ctid is null;
-- analyze
analyze pg_temp.whc_d2_past ("agent_key", "agent_id");
-- prepare
create temporary table whc_d2 on commit drop as
select f.ctid as whc_tid, f."product_id", f."place", f."period_start", n."agent_key" as whc_key,
    u.natural_key as whc_natural, n."agent_durable_key" as whc_durable
  from "star"."fct_stock__ledger" u
  join "star"."dim_agent" n on array[n."agent_id"::text] = u.natural_key
  join "star"."fct_stock" f on f."product_id" = u."product_id" and f."place" = u."place" and f."period_start" = u."period_start"
    and (f."period_end" + interval '1 day') > n."valid_from"
    and (f."period_end" + interval '1 day') <= coalesce(n."valid_to", 'infinity')
  where u.kind = 'unresolved' and u.foreign_key = 'owner_agent_key'
    and f."owner_agent_key" is distinct from n."agent_key"
union all
select f.ctid as whc_tid, f."product_id", f."place", f."period_start", coalesce(n."agent_key", -1),
    array[o."agent_id"::text], coalesce(n."agent_durable_key", -1)
  from "star"."fct_stock" f
  join pg_temp.whc_d2_past o on o."agent_key" = f."owner_agent_key"
  left join "star"."dim_agent" n on n."agent_id" = o."agent_id"
    and (f."period_end" + interval '1 day') > n."valid_from"
    and (f."period_end" + interval '1 day') <= coalesce(n."valid_to", 'infinity')
  where (o.whc_there and (f."period_end" + interval '1 day') > o."valid_from"
    and (f."period_end" + interval '1 day') <= coalesce(o."valid_to", 'infinity')) is not true
    and f."owner_agent_key" not in (-1, -2);
-- prepare
do $whc$
begin
  if exists (select from pg_temp.whc_d2) then
    raise notice '% rows of % were given another key to %, whose past changed',
      (select count(*) from pg_temp.whc_d2), 'fct_stock', 'dim_agent';
  end if;
end
$whc$;
-- change
update "star"."fct_stock" f set "owner_agent_key" = s.whc_key,
  "owner_agent_durable_key" = s.whc_durable
from pg_temp.whc_d2 s
where f.ctid = s.whc_tid;
-- change
delete from "star"."fct_stock__ledger" g using pg_temp.whc_d2 s
where g."product_id" = s."product_id" and g."place" = s."place" and g."period_start" = s."period_start" and g.kind = 'unresolved'
  and g.foreign_key = 'owner_agent_key';
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, "product_id", "place", "period_start", natural_key)
select 'unresolved', 'owner_agent_key', s."product_id", s."place", s."period_start", s.whc_natural
from pg_temp.whc_d2 s
where s.whc_key = -1;
-- change
delete from "star"."fct_stock__ledger" g using pg_temp.whc_dimension x
where g.kind = 'dimension' and g.foreign_key = x.foreign_key
  and g.natural_key[1] is distinct from x.state;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, array[x.state, x.horizon, x.place]
from pg_temp.whc_dimension x
where not exists (
  select 1 from "star"."fct_stock__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state);
-- change
delete from "star"."fct_stock__ledger" g using pg_temp.whc_open o
where g.kind = 'closed' and (g.natural_key[1])::date < o.closes;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, natural_key)
select 'closed', 'month', array[o.closes::text]
from pg_temp.whc_open o
where not exists (select 1 from "star"."fct_stock__ledger" g where g.kind = 'closed');
commit;
