-- model.shop.fct_stock
-- foreign_key of date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of owner_agent_key is proved: the load finds each key in dim_agent, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."fct_stock";
-- prepare
create table if not exists "star"."fct_stock__ledger" (
  kind text not null,
  foreign_key text not null,
  "product_id" integer,
  "place" varchar(65535),
  "period_start" date,
  natural_key varchar(65535)
);
-- comment
comment on table "star"."fct_stock__ledger" is 'Natural keys that fct_stock found no row for yet; kept by whc';
-- prepare
create temporary table whc_dimension as
select cast('owner_agent_key' as varchar(256)) as foreign_key,
  cast(count(*) as varchar(32)) || '/'
    || cast(coalesce(sum(strtol(left(md5(coalesce(cast(x."agent_key" as varchar(65535)), '') || '/' || coalesce(cast(x."agent_id" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_from" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_to" as varchar(65535)), '')), 12), 16)), 0) as varchar(64)) as state
from "star"."dim_agent" x;
-- audit period-changed: rows mean that fct_stock had periods of another length
select count(*) over () as rows, g.foreign_key as period
from "star"."fct_stock__ledger" g
where g.kind = 'closed' and g.foreign_key <> 'month'
limit 1;
-- prepare
create temporary table whc_open as
select coalesce((select max(g.natural_key)::date from "star"."fct_stock__ledger" g where g.kind = 'closed'), date '0001-01-01') as open_from,
  date_trunc('month', date '2024-01-01')::date as first, date_trunc('month', x.at)::date as last,
  date_trunc('month', x.at)::date as present,
  date_trunc('month', x.at - interval '2 days')::date as closes
from (select greatest(getdate(), sysdate) as at) x;
-- main
create temporary table whc_reading as
select s.*, date_trunc('month', s."counted_at")::date as "period_start",
  rank() over (partition by s."product_id", s."place", date_trunc('month', s."counted_at")::date
    order by s."counted_at" desc) as whc_rank
from (
select * from staging.stg_stock
) s;
-- audit null-event-time: rows mean that rows of fct_stock have NULL in counted_at and are of no period
select count(*) over () as rows, s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand"
from whc_reading s
where s."period_start" is null
limit 5;
-- look for period-after-end: rows mean that rows of fct_stock are of periods after its last one and were left out
select count(*) over () as rows, s."product_id", s."place", s."counted_at"
from whc_reading s
where s."period_start" > (select o.last from whc_open o)
order by s."counted_at" desc, s."product_id", s."place"
limit 5;
-- look for closed-period: rows mean that rows of fct_stock say something new of closed periods and were left out
select count(*) over () as rows, s."product_id", s."place", s."counted_at"
from whc_reading s
join whc_open o on s."period_start" < o.open_from and s."period_start" >= o.first and s."period_start" <= o.last
left join "star"."fct_stock" f on f."product_id" = s."product_id" and f."place" = s."place" and f."period_start" = s."period_start"
      and case when f."owner_id" = s."owner_id" or (f."owner_id" is null and s."owner_id" is null) then true else false end
      and case when f."counted_at" = s."counted_at" or (f."counted_at" is null and s."counted_at" is null) then true else false end
      and case when f."on_hand" = s."on_hand" or (f."on_hand" is null and s."on_hand" is null) then true else false end
where f."product_id" is null and s.whc_rank = 1
order by s."counted_at" desc, s."product_id", s."place"
limit 5;
-- prepare
create temporary table whc_known as
with stated as (
  select s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand", s."period_start"
  from whc_reading s
  join whc_open o on s."period_start" >= o.open_from and s."period_start" >= o.first and s."period_start" <= o.last
  where true and s.whc_rank = 1
)
select s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand", s."period_start" from stated s
union all
(select whc_row."product_id", whc_row."place", whc_row."owner_id", whc_row."counted_at", whc_row."on_hand", whc_row."period_start"
  from (
    select s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand", s."period_start", row_number() over (partition by s."product_id", s."place" order by s."counted_at" desc) as whc_nth
    from whc_reading s
  join whc_open o on s."period_start" < o.first
  ) whc_row
  where whc_row.whc_nth = 1)
union all
(select whc_row."product_id", whc_row."place", whc_row."owner_id", whc_row."counted_at", whc_row."on_hand", whc_row."period_start"
  from (
    select f."product_id", f."place", f."owner_id", f."counted_at", f."on_hand", f."period_start", row_number() over (partition by f."product_id", f."place" order by f."period_start" desc) as whc_nth
    from "star"."fct_stock" f
  join whc_open o on f."period_start" < o.open_from
  ) whc_row
  where whc_row.whc_nth = 1)
union all
select f."product_id", f."place", f."owner_id", f."counted_at", f."on_hand", f."period_start"
  from "star"."fct_stock" f
  join whc_open o on f."period_start" >= o.open_from
  where not coalesce(f."is_filled", false) and f."period_start" not in (select s."period_start" from stated s);
-- prepare
create temporary table whc_period as
select x.day as at
from (
  select b.since + cast(n.n as integer) as day, b.until
  from (select greatest(o.open_from, o.first, (select min(k."period_start") from whc_known k)) as since, least(o.last, o.present) as until from whc_open o) b
  cross join (
  select p0.n + 10 * p1.n + 100 * p2.n + 1000 * p3.n + 10000 * p4.n as n
  from (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p0
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p1
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p2
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p3
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p4
  where p0.n + 10 * p1.n + 100 * p2.n + 1000 * p3.n + 10000 * p4.n < 100000
) as n
  where n.n <= b.until - b.since
) x
where date_trunc('month', x.day)::date = x.day;
-- prepare
create temporary table whc_stage as
with stated as (
  select s."product_id", s."place", s."owner_id", s."counted_at", s."on_hand", s."period_start"
  from whc_reading s
  join whc_open o on s."period_start" >= o.open_from and s."period_start" >= o.first and s."period_start" <= o.last
  where true and s.whc_rank = 1
), line as (
  select k.*, lead(k."period_start") over (partition by k."product_id", k."place" order by k."period_start") as whc_next
  from whc_known k
)
select s.*, (s."period_start" + interval '1 month' - interval '1 day')::date as "period_end", false as "is_filled"
from stated s
union all
select k."product_id", k."place", k."owner_id", k."counted_at", cast(0 as integer), p.at, (p.at + interval '1 month' - interval '1 day')::date, true
from line k
join whc_period p on p.at > k."period_start" and p.at < coalesce(k.whc_next, date '9999-12-31')
  and p.at <= date_trunc('month', k."counted_at" + interval '6 months')::date;
-- prepare
create temporary table whc_fact as
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
  case when d2."agent_key" is null and not (s."owner_id" is null) then cast(s."owner_id" as varchar(65535)) end as "whc_d2"
from whc_stage s
left join "star"."dim_date" d1
  on s."period_end" = d1."date"
left join "star"."dim_agent" d2
  on s."owner_id" = d2."agent_id"
    and (s."period_end" + interval '1 day') > d2."valid_from"
    and (s."period_end" + interval '1 day') <= coalesce(d2."valid_to", '9999-12-31');
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."product_id") as whc_filled_0,
  count(g."place") as whc_filled_1,
  count(g."period_start") as whc_filled_2,
  count(g."whc_d2") as whc_d2
from whc_fact g;
-- audit null-grain: rows mean that rows of fct_stock have NULL in the grain (product_id, place, period_start)
select count(*) over () as rows, f."product_id", f."place", f."owner_id", f."counted_at", f."on_hand", f."period_start", f."period_end", f."is_filled"
from whc_fact f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1 or whc_rows <> whc_filled_2)
  and (f."product_id" is null or f."place" is null or f."period_start" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_stock agree in the grain (product_id, place, period_start)
select count(*) over () as keys, f."product_id", f."place", f."period_start", count(*) as rows
from whc_fact f
group by f."product_id", f."place", f."period_start" having count(*) > 1
order by count(*) desc, f."product_id", f."place", f."period_start"
limit 5;
-- change
update "star"."fct_stock" f
set "date_key" = n."date_key", "owner_agent_key" = n."owner_agent_key", "owner_agent_durable_key" = n."owner_agent_durable_key", "owner_id" = n."owner_id", "counted_at" = n."counted_at", "on_hand" = n."on_hand", "period_end" = n."period_end", "is_filled" = n."is_filled"
from whc_fact n
where f."product_id" = n."product_id" and f."place" = n."place" and f."period_start" = n."period_start"
  and (case when f."date_key" = n."date_key" or (f."date_key" is null and n."date_key" is null) then false else true end
    or case when f."owner_agent_key" = n."owner_agent_key" or (f."owner_agent_key" is null and n."owner_agent_key" is null) then false else true end
    or case when f."owner_agent_durable_key" = n."owner_agent_durable_key" or (f."owner_agent_durable_key" is null and n."owner_agent_durable_key" is null) then false else true end
    or case when f."owner_id" = n."owner_id" or (f."owner_id" is null and n."owner_id" is null) then false else true end
    or case when f."counted_at" = n."counted_at" or (f."counted_at" is null and n."counted_at" is null) then false else true end
    or case when f."on_hand" = n."on_hand" or (f."on_hand" is null and n."on_hand" is null) then false else true end
    or case when f."period_end" = n."period_end" or (f."period_end" is null and n."period_end" is null) then false else true end
    or case when f."is_filled" = n."is_filled" or (f."is_filled" is null and n."is_filled" is null) then false else true end);
-- change, counts the rows
insert into "star"."fct_stock" ("date_key", "owner_agent_key", "owner_agent_durable_key", "product_id", "place", "owner_id", "counted_at", "on_hand", "period_start", "period_end", "is_filled")
select n."date_key", n."owner_agent_key", n."owner_agent_durable_key", n."product_id", n."place", n."owner_id", n."counted_at", n."on_hand", n."period_start", n."period_end", n."is_filled"
from whc_fact n
left join "star"."fct_stock" f on f."product_id" = n."product_id" and f."place" = n."place" and f."period_start" = n."period_start"
where f."product_id" is null;
-- change
delete from "star"."fct_stock" using whc_open o
where "fct_stock"."period_start" >= o.open_from
  and ("fct_stock"."is_filled" or "fct_stock"."period_start" in (select n."period_start" from whc_fact n where not n."is_filled"))
  and not exists (select 1 from whc_fact n where "fct_stock"."product_id" = n."product_id" and "fct_stock"."place" = n."place" and "fct_stock"."period_start" = n."period_start");
-- change
delete from "star"."fct_stock__ledger" using whc_fact n
where "fct_stock__ledger"."product_id" = n."product_id" and "fct_stock__ledger"."place" = n."place" and "fct_stock__ledger"."period_start" = n."period_start" and "fct_stock__ledger".kind = 'unresolved'
  and "fct_stock__ledger".foreign_key = 'owner_agent_key'
  and case when "fct_stock__ledger".natural_key = n."whc_d2" or ("fct_stock__ledger".natural_key is null and n."whc_d2" is null) then false else true end;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, "product_id", "place", "period_start", natural_key)
select 'unresolved', 'owner_agent_key', n."product_id", n."place", n."period_start", n."whc_d2"
from whc_fact n
where n."whc_d2" is not null
and not exists (
  select 1 from "star"."fct_stock__ledger" g
  where g."product_id" = n."product_id" and g."place" = n."place" and g."period_start" = n."period_start" and g.kind = 'unresolved' and g.foreign_key = 'owner_agent_key');
-- prepare
create temporary table whc_d2_past as
select x."agent_key", x."agent_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_agent" x
where not exists (
    select 1 from "star"."fct_stock__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'owner_agent_key'
      and g.natural_key = x.state)
union all
select g.surrogate_key, g."agent_id", null, null, false
from "star"."dim_agent__ledger" g
left join "star"."dim_agent" x on x."agent_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_stock__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'owner_agent_key'
      and g.natural_key = x.state)
  and g.kind = 'withdrawn' and x."agent_key" is null;
-- prepare
create temporary table whc_d2 as
select f."product_id", f."place", f."period_start", n."agent_key" as whc_key,
    u.natural_key as whc_natural, n."agent_durable_key" as whc_durable
  from "star"."fct_stock__ledger" u
  join "star"."dim_agent" n on cast(n."agent_id" as varchar(65535)) = u.natural_key
  join "star"."fct_stock" f on f."product_id" = u."product_id" and f."place" = u."place" and f."period_start" = u."period_start"
    and (f."period_end" + interval '1 day') > n."valid_from"
    and (f."period_end" + interval '1 day') <= coalesce(n."valid_to", '9999-12-31')
  where u.kind = 'unresolved' and u.foreign_key = 'owner_agent_key'
    and case when f."owner_agent_key" = n."agent_key" or (f."owner_agent_key" is null and n."agent_key" is null) then false else true end
union all
select f."product_id", f."place", f."period_start", coalesce(n."agent_key", -1),
    cast(o."agent_id" as varchar(65535)), coalesce(n."agent_durable_key", -1)
  from "star"."fct_stock" f
  join whc_d2_past o on o."agent_key" = f."owner_agent_key"
  left join "star"."dim_agent" n on n."agent_id" = o."agent_id"
    and (f."period_end" + interval '1 day') > n."valid_from"
    and (f."period_end" + interval '1 day') <= coalesce(n."valid_to", '9999-12-31')
  where not coalesce(o.whc_there and (f."period_end" + interval '1 day') > o."valid_from"
    and (f."period_end" + interval '1 day') <= coalesce(o."valid_to", '9999-12-31'), false)
    and f."owner_agent_key" not in (-1, -2);
-- change
update "star"."fct_stock" f set "owner_agent_key" = s.whc_key,
  "owner_agent_durable_key" = s.whc_durable
from whc_d2 s
where f."product_id" = s."product_id" and f."place" = s."place" and f."period_start" = s."period_start";
-- change
delete from "star"."fct_stock__ledger" using whc_d2 s
where "fct_stock__ledger"."product_id" = s."product_id" and "fct_stock__ledger"."place" = s."place" and "fct_stock__ledger"."period_start" = s."period_start" and "fct_stock__ledger".kind = 'unresolved'
  and "fct_stock__ledger".foreign_key = 'owner_agent_key';
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, "product_id", "place", "period_start", natural_key)
select 'unresolved', 'owner_agent_key', s."product_id", s."place", s."period_start", s.whc_natural
from whc_d2 s
where s.whc_key = -1;
-- change
delete from "star"."fct_stock__ledger" using whc_dimension x
where "fct_stock__ledger".kind = 'dimension' and "fct_stock__ledger".foreign_key = x.foreign_key
  and case when "fct_stock__ledger".natural_key = x.state or ("fct_stock__ledger".natural_key is null and x.state is null) then false else true end;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, cast(x.state as varchar(65535))
from whc_dimension x
where not exists (
  select 1 from "star"."fct_stock__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key = x.state);
-- change
delete from "star"."fct_stock__ledger" using whc_open o
where "fct_stock__ledger".kind = 'closed' and ("fct_stock__ledger".natural_key)::date < o.closes;
-- change
insert into "star"."fct_stock__ledger" (kind, foreign_key, natural_key)
select 'closed', 'month', cast(o.closes as varchar(65535))
from whc_open o
where not exists (select 1 from "star"."fct_stock__ledger" g where g.kind = 'closed');
-- cleanup
drop table if exists whc_dimension, whc_open, whc_reading, whc_known, whc_period, whc_stage, whc_fact, whc_count, whc_d2_past, whc_d2;
commit;
