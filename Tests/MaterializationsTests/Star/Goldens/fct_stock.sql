-- model.shop.fct_stock
-- foreign_key of date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of owner_agent_key is proved: the load finds each key in dim_agent, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_stock', 0));
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
-- change
delete from "star"."fct_stock__ledger";
-- prepare
create temporary table whc_dimension on commit drop as
select 'owner_agent_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_agent" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_agent"'::regclass::oid::text as place;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, array[x.state, x.horizon, x.place]
from pg_temp.whc_dimension x
where not exists (
  select 1 from "star"."fct_stock__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state);
-- prepare
create temporary table whc_open on commit drop as
select date '-infinity' as open_from,
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
-- change, counts the rows
create table "star"."fct_stock" as
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
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."product_id") as whc_filled_0,
  count(g."place") as whc_filled_1,
  count(g."period_start") as whc_filled_2,
  count(g."whc_d2") as whc_d2
from "star"."fct_stock" g;
-- audit null-grain: rows mean that rows of fct_stock have NULL in the grain (product_id, place, period_start)
select count(*) over () as rows, f."product_id", f."place", f."owner_id", f."counted_at", f."on_hand", f."period_start", f."period_end", f."is_filled"
from "star"."fct_stock" f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1 or whc_rows <> whc_filled_2)
  and (f."product_id" is null or f."place" is null or f."period_start" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_stock agree in the grain (product_id, place, period_start)
select count(*) over () as keys, f."product_id", f."place", f."period_start", count(*) as rows
from "star"."fct_stock" f
group by f."product_id", f."place", f."period_start" having count(*) > 1
order by count(*) desc, f."product_id", f."place", f."period_start"
limit 5;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, "product_id", "place", "period_start", natural_key)
select 'unresolved', 'owner_agent_key', n."product_id", n."place", n."period_start", n."whc_d2"
from "star"."fct_stock" n
where n."whc_d2" is not null and exists (select 1 from pg_temp.whc_count where whc_d2 > 0);
-- change
alter table "star"."fct_stock" drop column "whc_d2";
-- change
delete from "star"."fct_stock__ledger" g using pg_temp.whc_open o
where g.kind = 'closed' and (g.natural_key[1])::date < o.closes;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, natural_key)
select 'closed', 'month', array[o.closes::text]
from pg_temp.whc_open o
where not exists (select 1 from "star"."fct_stock__ledger" g where g.kind = 'closed');
commit;
