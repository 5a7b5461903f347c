-- model.shop.dim_price

-- one transaction
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_price', 0));
-- lock
lock table "star"."dim_price" in share row exclusive mode;
-- prepare
create temporary table "pg_temp"."whc_rebuilt" (
  "price_key" bigint not null,
  "article" text,
  "price" numeric(12,2),
  "valid_from" timestamp without time zone not null,
  "valid_to" timestamp without time zone,
  "is_current" boolean not null
) on commit drop;
-- prepare
create temporary table "pg_temp"."whc_rebuilt__ledger" (
  "kind" text not null,
  "article" text,
  "at" timestamp without time zone,
  "surrogate_key" bigint
) on commit drop;
-- prepare
insert into "pg_temp"."whc_rebuilt__ledger" (kind, "article", at, surrogate_key)
select 'withdrawn', d."article", d."valid_from", d."price_key"
from "star"."dim_price" d
where true
union all
select g.kind, g."article", g.at, g.surrogate_key
from "star"."dim_price__ledger" g
where g.kind in ('withdrawn', 'discarded')
  and not exists (select from "star"."dim_price" d where d."price_key" = g.surrogate_key and g.kind = 'withdrawn');
-- prepare
create table if not exists "pg_temp"."whc_rebuilt" (
  "price_key" bigint not null,
  "article" text,
  "price" numeric(12,2),
  "valid_from" timestamp without time zone not null,
  "valid_to" timestamp without time zone,
  "is_current" boolean not null
);
-- prepare
create table if not exists "pg_temp"."whc_rebuilt__ledger" (
  kind text not null,
  "article" text,
  at timestamp without time zone,
  surrogate_key bigint
);
-- comment
comment on table "pg_temp"."whc_rebuilt__ledger" is 'What whc_rebuilt must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "pg_temp"."whc_rebuilt" in share row exclusive mode;
-- main, counts the rows
create temporary table "whc_stage" on commit drop
  as (
select * from staging.stg_prices
  );
-- prepare
create temporary table whc_run on commit drop as
select (clock_timestamp())::timestamp without time zone as at;
-- analyze
analyze pg_temp.whc_stage ("article");
-- prepare
create temporary table whc_several on commit drop as
select distinct s."article"
from pg_temp.whc_stage s
group by s."article", s."since"::timestamp without time zone having count(*) > 1;
-- audit null-natural-key: rows mean that rows of dim_price have no natural key (article is NULL)
select count(*) over () as rows, x."article", x."price"
from pg_temp.whc_stage x
where (x."article" is null)
limit 5;
-- audit null-effective-at: rows mean that rows of dim_price do not say from when they hold (since is NULL)
select count(*) over () as rows, x."article", x."price"
from pg_temp.whc_stage x
where x."since" is null
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_price is stated twice for one time
select count(*) over () as keys, s."article", s."since", count(*) as rows
from pg_temp.whc_stage s
join pg_temp.whc_several m on m."article" = s."article"
group by s."article", s."since" having count(*) > 1
order by count(*) desc, s."article"
limit 5;
-- prepare
create temporary table whc_touched on commit drop as
select distinct s."article" from pg_temp.whc_stage s
left join "pg_temp"."whc_rebuilt" d
  on d."article" = s."article" and d."valid_from" = s."since"::timestamp without time zone
    and not false
      and row(s."price") is not distinct from row(d."price")
where not false and d."price_key" is null;
-- analyze
analyze pg_temp.whc_touched;
-- prepare
create temporary table whc_stored on commit drop as
select d.ctid as whc_tid, d."price_key" as whc_key, d."article",
  d."price",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  null::timestamp without time zone as whc_aside,
  d."valid_from" as whc_stated, d."valid_from" as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."article" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."article" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "pg_temp"."whc_rebuilt" d
join pg_temp.whc_touched t on t."article" = d."article"
left join (select distinct x."article", true as whc_here from pg_temp.whc_stage x) s
  on s."article" = d."article";
-- prepare
create temporary table whc_events on commit drop as
with unit as (
  select s."article", s."price", s."since"::timestamp without time zone as whc_stated, s."since"::timestamp without time zone as whc_at
  from pg_temp.whc_stage s
  join pg_temp.whc_touched t on t."article" = s."article"
  where not false
),
state as (
  select t."article", max(o.whc_at) filter (where o.whc_real) as whc_newest,
    bool_or(o.whc_from = '-infinity'::timestamp without time zone) as whc_always,
    case when (bool_or(o.whc_current and o.whc_real)) is not true
      then greatest(max(o.whc_to)) end as whc_closed,
    max(o.whc_from) filter (where o.whc_current and not o.whc_real and o.whc_deleted) as whc_recorded
  from pg_temp.whc_touched t
  left join pg_temp.whc_stored o on o."article" = t."article"
  group by t."article"
),
known as (
  select distinct o."article", o.whc_stated from pg_temp.whc_stored o
  where o.whc_real
),
event as (
  select o."article", case when u.whc_stated is null then o."price" else u."price" end as "price", o.whc_at as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from pg_temp.whc_stored o
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
create temporary table whc_chain on commit drop as
with valued as (
  select e."article", e."price", e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from pg_temp.whc_events e
), line as (
  select v."article", v."price", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."article" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."article" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."article") = 1 as whc_always,
    min(v.whc_at) filter (where v.whc_version) over (partition by v."article") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '-infinity'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d.ctid as whc_tid, f."article", f.whc_from, 
  f."price" as "price", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current",
  d.ctid is not null and (d."price" is distinct from f."price" or d."valid_to" is distinct from coalesce(f.whc_to, null::timestamp without time zone) or d."is_current" is distinct from (f.whc_to is null)) as whc_changed
from version f
left join pg_temp.whc_stored o on o."article" = f."article" and o.whc_from = f.whc_from
left join "pg_temp"."whc_rebuilt" d on d.ctid = o.whc_tid;
-- change
insert into "pg_temp"."whc_rebuilt__ledger" (kind, "article", at, surrogate_key)
select 'withdrawn', o."article", o.whc_from, o.whc_key
from pg_temp.whc_stored o
where not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "pg_temp"."whc_rebuilt__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "pg_temp"."whc_rebuilt" d
set "price" = c."price", "valid_to" = c."valid_to", "is_current" = c."is_current"
from pg_temp.whc_chain c
where d.ctid = c.whc_tid and c.whc_changed;
-- change
delete from "pg_temp"."whc_rebuilt" d using pg_temp.whc_stored o
where d.ctid = o.whc_tid and d."price_key" = o.whc_key and not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid);
-- change
insert into "pg_temp"."whc_rebuilt" ("price_key", "article", "valid_from", "price", "valid_to", "is_current")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("price_key") from "pg_temp"."whc_rebuilt"), 0),
      coalesce((select max(surrogate_key) from "pg_temp"."whc_rebuilt__ledger"), 0), 0))
    + row_number() over (order by c."article", c.whc_from)),
  c."article", c.whc_from, c."price", c."valid_to", c."is_current"
from pg_temp.whc_chain c
left join (
  select distinct on (w.surrogate_key) w."article", w.at, w.surrogate_key
from "pg_temp"."whc_rebuilt__ledger" w where w.kind = 'withdrawn'
order by w.surrogate_key
) g
  on g."article" = c."article" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_price would not hold together
with version as (
  select d."article", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."article" order by d."valid_from") as whc_next, count(*) over (partition by d."price_key") as whc_shares
  from "pg_temp"."whc_rebuilt" d
  join pg_temp.whc_touched t on t."article" = d."article"
)
select count(*) over () as offences, v."article", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."article", x.whc_at from pg_temp.whc_events x where not x.whc_version
) e on e."article" = v."article" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
-- prepare
update "pg_temp"."whc_rebuilt" r set "price_key" = g.surrogate_key
from "pg_temp"."whc_rebuilt__ledger" g
where g.kind = 'withdrawn' and g."article" = r."article" and g.at = r."valid_from"
  and r."price_key" <> g.surrogate_key
  and not exists (select from "star"."dim_price" d where d."price_key" = r."price_key");
-- prepare
create temporary table whc_pair on commit drop as
select d.ctid as whc_old, r.ctid as whc_new, coalesce(d."price_key", r."price_key") as whc_key,
  coalesce(d."article", r."article") as "article",
  coalesce(r."valid_from", d."valid_from") as whc_from, r."valid_to" as whc_to,
  (d."valid_from" is distinct from r."valid_from" or d."valid_to" is distinct from r."valid_to") as whc_moved,
  d."price" is distinct from r."price" as whc_differs_0,
  d."is_current" is distinct from r."is_current" as whc_differs_1
from (select ctid, * from "star"."dim_price") d
full join (select ctid, * from "pg_temp"."whc_rebuilt") r on r."price_key" = d."price_key"
where d.ctid is null or r.ctid is null
  or d."price" is distinct from r."price"
  or d."is_current" is distinct from r."is_current"
  or (d."valid_from" is distinct from r."valid_from" or d."valid_to" is distinct from r."valid_to");
-- prepare
create temporary table whc_difference on commit drop as
select 'members_added' as section, '' as name, count(*) as count,
  (array_agg(x.what order by x.what))[1:5] as samples
from (
  select distinct concat_ws(' ', p."article") as what
  from pg_temp.whc_pair p
  where not exists (select from "star"."dim_price" x where x."article" = p."article")
) x
union all
select 'members_removed' as section, '' as name, count(*) as count,
  (array_agg(x.what order by x.what))[1:5] as samples
from (
  select distinct concat_ws(' ', p."article") as what
  from pg_temp.whc_pair p
  where not exists (select from "pg_temp"."whc_rebuilt" x where x."article" = p."article")
) x
union all
select 'versions_added' as section, '' as name, count(*) as count,
  (array_agg(x.what order by x.what))[1:5] as samples
from (
  select concat_ws(' ', p."article", 'from ' || p.whc_from::text) as what
  from pg_temp.whc_pair p
  where p.whc_old is null
) x
union all
select 'versions_removed' as section, '' as name, count(*) as count,
  (array_agg(x.what order by x.what))[1:5] as samples
from (
  select concat_ws(' ', p."article", 'from ' || p.whc_from::text) as what
  from pg_temp.whc_pair p
  where p.whc_new is null
) x
union all
select 'intervals_moved' as section, '' as name, count(*) as count,
  (array_agg(x.what order by x.what))[1:5] as samples
from (
  select concat_ws(' ', p."article", 'from ' || p.whc_from::text) as what
  from pg_temp.whc_pair p
  where p.whc_moved and p.whc_old is not null and p.whc_new is not null
) x
union all
select 'changed' as section, 'price' as name, count(*) as count,
  (array_agg(x.what order by x.what))[1:5] as samples
from (
  select concat_ws(' ', p."article", 'from ' || p.whc_from::text) || ': ' || coalesce((select d."price"::text from "star"."dim_price" d where d.ctid = p.whc_old), 'NULL') || ' -> ' || coalesce((select r."price"::text from "pg_temp"."whc_rebuilt" r where r.ctid = p.whc_new), 'NULL') as what
  from pg_temp.whc_pair p
  where p.whc_old is not null and p.whc_new is not null and p.whc_differs_0
) x
union all
select 'changed' as section, 'is_current' as name, count(*) as count,
  (array_agg(x.what order by x.what))[1:5] as samples
from (
  select concat_ws(' ', p."article", 'from ' || p.whc_from::text) || ': ' || coalesce((select d."is_current"::text from "star"."dim_price" d where d.ctid = p.whc_old), 'NULL') || ' -> ' || coalesce((select r."is_current"::text from "pg_temp"."whc_rebuilt" r where r.ctid = p.whc_new), 'NULL') as what
  from pg_temp.whc_pair p
  where p.whc_old is not null and p.whc_new is not null and p.whc_differs_1
) x;
-- gate: the node's tests run here, against pg_temp.whc_difference
-- change
delete from "star"."dim_price" d using pg_temp.whc_pair p
where d.ctid = p.whc_old and p.whc_new is null;
-- change
update "star"."dim_price" d
set "article" = r."article", "price" = r."price", "valid_from" = r."valid_from", "valid_to" = r."valid_to", "is_current" = r."is_current"
from pg_temp.whc_pair p join "pg_temp"."whc_rebuilt" r on r.ctid = p.whc_new
where d.ctid = p.whc_old;
-- change
insert into "star"."dim_price" ("price_key", "article", "price", "valid_from", "valid_to", "is_current")
select r."price_key", r."article", r."price", r."valid_from", r."valid_to", r."is_current"
from pg_temp.whc_pair p join "pg_temp"."whc_rebuilt" r on r.ctid = p.whc_new
where p.whc_old is null;
-- change
delete from "star"."dim_price__ledger" g where g.kind <> 'discarded';
-- change
insert into "star"."dim_price__ledger" (kind, "article", at, surrogate_key)
select g.kind, g."article", g.at, g.surrogate_key
from "pg_temp"."whc_rebuilt__ledger" g
where g.kind <> 'discarded'
  and not (g.kind = 'withdrawn' and exists (select from "star"."dim_price" d where d."price_key" = g.surrogate_key));
commit;
