-- model.shop.dim_price

-- one transaction; may be sent again
begin;
-- prepare
create table if not exists "star"."dim_price" (
  "price_key" bigint not null,
  "article" varchar(65535),
  "price" numeric(12,2),
  "valid_from" timestamp without time zone not null,
  "valid_to" timestamp without time zone,
  "is_current" boolean not null
);
-- prepare
create table if not exists "star"."dim_price__ledger" (
  kind text not null,
  "article" varchar(65535),
  at timestamp without time zone,
  surrogate_key bigint
);
-- comment
comment on table "star"."dim_price__ledger" is 'What dim_price must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_price";
-- prepare
create table if not exists "star"."dim_price_recorded" (
  "price_key" bigint,
  "article" varchar(65535),
  "price" numeric(12,2),
  "valid_from" timestamp without time zone,
  "valid_to" timestamp without time zone,
  "is_current" boolean,
  "recorded_from" timestamp with time zone not null,
  "recorded_to" timestamp with time zone not null
);
-- comment
comment on table "star"."dim_price_recorded" is 'What dim_price held, from when to when; kept by whc';
-- main, counts the rows
create temporary table "whc_stage"
  as (
select * from staging.stg_prices
  );
-- prepare
create temporary table whc_run as
select (greatest(getdate(), sysdate))::timestamp without time zone as at;
-- prepare
create temporary table whc_several as
select distinct s."article"
from whc_stage s
group by s."article", s."since"::timestamp without time zone having count(*) > 1;
-- audit null-natural-key: rows mean that rows of dim_price have no natural key (article is NULL)
select count(*) over () as rows, x."article", x."price"
from whc_stage x
where (x."article" is null)
limit 5;
-- audit null-effective-at: rows mean that rows of dim_price do not say from when they hold (since is NULL)
select count(*) over () as rows, x."article", x."price"
from whc_stage x
where x."since" is null
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_price is stated twice for one time
select count(*) over () as keys, s."article", s."since", count(*) as rows
from whc_stage s
join whc_several m on m."article" = s."article"
group by s."article", s."since" having count(*) > 1
order by count(*) desc, s."article"
limit 5;
-- prepare
create temporary table whc_touched as
select distinct s."article" from whc_stage s
left join "star"."dim_price" d
  on d."article" = s."article" and d."valid_from" = s."since"::timestamp without time zone
    and not false
      and case when s."price" = d."price" or (s."price" is null and d."price" is null) then true else false end
where not false and d."price_key" is null;
-- prepare
create temporary table whc_stored as
select d."price_key" as whc_tid, d."price_key" as whc_key, d."article",
  d."price",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  null::timestamp without time zone as whc_aside,
  d."valid_from" as whc_stated, d."valid_from" as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."article" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."article" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_price" d
join whc_touched t on t."article" = d."article"
left join (select distinct x."article", true as whc_here from whc_stage x) s
  on s."article" = d."article";
-- prepare
create temporary table whc_events as
with unit as (
  select s."article", s."price", s."since"::timestamp without time zone as whc_stated, s."since"::timestamp without time zone as whc_at
  from whc_stage s
  join whc_touched t on t."article" = s."article"
  where not false
),
state as (
  select t."article", max(case when o.whc_real then o.whc_at end) as whc_newest,
    bool_or(o.whc_from = '1900-01-01'::timestamp without time zone) as whc_always,
    case when not coalesce(bool_or(o.whc_current and o.whc_real), false)
      then greatest(max(o.whc_to)) end as whc_closed,
    max(case when o.whc_current and not o.whc_real and o.whc_deleted then o.whc_from end) as whc_recorded
  from whc_touched t
  left join whc_stored o on o."article" = t."article"
  group by t."article"
),
known as (
  select distinct o."article", o.whc_stated from whc_stored o
  where o.whc_real
),
event as (
  select o."article", case when u.whc_stated is null then o."price" else u."price" end as "price", o.whc_at as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from whc_stored o
  left join unit u on u."article" = o."article" and u.whc_stated = o.whc_stated
  left join state k on k."article" = o."article"
  where o.whc_real
  union all
  select u."article", u."price", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from unit u
  left join state k on k."article" = u."article"
  left join known n on n."article" = u."article" and n.whc_stated = u.whc_stated
  where n.whc_stated is null
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."article" order by e.whc_at, e.whc_version, e.whc_stored desc), false), false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain as
with valued as (
  select e."article", e."price", e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from whc_events e
), line as (
  select v."article", v."price", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."article" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."article" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."article") = 1 as whc_always,
    min(case when v.whc_version then v.whc_at end) over (partition by v."article") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '1900-01-01'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d."price_key" as whc_tid, f."article", f.whc_from, 
  f."price" as "price", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current",
  d."price_key" is not null and (case when d."price" = f."price" or (d."price" is null and f."price" is null) then false else true end or case when d."valid_to" = coalesce(f.whc_to, null::timestamp without time zone) or (d."valid_to" is null and coalesce(f.whc_to, null::timestamp without time zone) is null) then false else true end or case when d."is_current" = (f.whc_to is null) or (d."is_current" is null and (f.whc_to is null) is null) then false else true end) as whc_changed
from version f
left join whc_stored o on o."article" = f."article" and o.whc_from = f.whc_from
left join "star"."dim_price" d on d."price_key" = o.whc_tid;
-- change
insert into "star"."dim_price__ledger" (kind, "article", at, surrogate_key)
select 'withdrawn', o."article", o.whc_from, o.whc_key
from whc_stored o
where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_price__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_price" d
set "price" = c."price", "valid_to" = c."valid_to", "is_current" = c."is_current"
from whc_chain c
where d."price_key" = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_price"
where "price_key" in (
  select o.whc_key from whc_stored o where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid));
-- change
insert into "star"."dim_price" ("price_key", "article", "valid_from", "price", "valid_to", "is_current")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("price_key") from "star"."dim_price"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_price__ledger"), 0), 0))
    + row_number() over (order by c."article", c.whc_from)),
  c."article", c.whc_from, c."price", c."valid_to", c."is_current"
from whc_chain c
left join (
  select whc_row."article", whc_row.at, whc_row.surrogate_key
from (
  select w."article", w.at, w.surrogate_key, row_number() over (partition by w.surrogate_key order by w.surrogate_key) as whc_nth
  from "star"."dim_price__ledger" w where w.kind = 'withdrawn'
) whc_row
where whc_row.whc_nth = 1
) g
  on g."article" = c."article" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_price would not hold together
with version as (
  select d."article", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."article" order by d."valid_from") as whc_next, count(*) over (partition by d."price_key") as whc_shares
  from "star"."dim_price" d
  join whc_touched t on t."article" = d."article"
)
select count(*) over () as offences, v."article", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."article", x.whc_at from whc_events x where not x.whc_version
) e on e."article" = v."article" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
-- prepare
create temporary table whc_recorded_at as
select (greatest(getdate(), sysdate))::timestamp with time zone as at;
-- prepare
create temporary table whc_kept as
select r."price_key" as whc_key
from "star"."dim_price_recorded" r
join "star"."dim_price" d on d."price_key" = r."price_key"
where r."recorded_to" = cast('9999-12-31' as timestamp with time zone)
  and case when d."price_key" = r."price_key" or (d."price_key" is null and r."price_key" is null) then true else false end
  and case when d."article" = r."article" or (d."article" is null and r."article" is null) then true else false end
  and case when d."price" = r."price" or (d."price" is null and r."price" is null) then true else false end
  and case when d."valid_from" = r."valid_from" or (d."valid_from" is null and r."valid_from" is null) then true else false end
  and case when d."valid_to" = r."valid_to" or (d."valid_to" is null and r."valid_to" is null) then true else false end
  and case when d."is_current" = r."is_current" or (d."is_current" is null and r."is_current" is null) then true else false end;
-- change
delete from "star"."dim_price_recorded"
where "dim_price_recorded"."recorded_to" = cast('9999-12-31' as timestamp with time zone) and "dim_price_recorded"."recorded_from" >= (select at from whc_recorded_at)
  and not exists (select 1 from whc_kept k where k.whc_key = "dim_price_recorded"."price_key");
-- change
update "star"."dim_price_recorded" r set "recorded_to" = (select at from whc_recorded_at)
where r."recorded_to" = cast('9999-12-31' as timestamp with time zone) and not exists (select 1 from whc_kept k where k.whc_key = r."price_key");
-- change
insert into "star"."dim_price_recorded" ("price_key", "article", "price", "valid_from", "valid_to", "is_current", "recorded_from", "recorded_to")
select d."price_key", d."article", d."price", d."valid_from", d."valid_to", d."is_current", (select at from whc_recorded_at), cast('9999-12-31' as timestamp with time zone)
from "star"."dim_price" d
where not exists (select 1 from whc_kept k where k.whc_key = d."price_key");
-- cleanup
drop table if exists "whc_stage", whc_run, whc_several, whc_touched, whc_stored, whc_events, whc_chain, whc_recorded_at, whc_kept;
commit;
