-- model.shop.dim_place

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_place', 0));
-- prepare
create table if not exists "star"."dim_place__ledger" (
  kind text not null,
  "country" text,
  "city" text,
  at timestamp without time zone,
  surrogate_key text
);
-- comment
comment on table "star"."dim_place__ledger" is 'What dim_place must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_place" in share row exclusive mode;
-- change
insert into "star"."dim_place" ("place_key", "country", "city", "people", "valid_from", "valid_to", "is_current")
select '-1', '-1'::text, '-1'::text, null::bigint, '-infinity'::timestamp without time zone, null::timestamp without time zone, true
where not exists (select 1 from "star"."dim_place" where "place_key" = '-1');
-- main, counts the rows
create temporary table "whc_stage" on commit drop
  as (
select * from staging.stg_places
  );
-- prepare
create temporary table whc_run on commit drop as
select (clock_timestamp())::timestamp without time zone as at;
-- analyze
analyze pg_temp.whc_stage ("country", "city");
-- prepare
create temporary table whc_several on commit drop as
select distinct s."country", s."city"
from pg_temp.whc_stage s
group by s."country", s."city", s."at"::timestamp without time zone having count(*) > 1;
-- audit null-natural-key: rows mean that rows of dim_place have no natural key (country, city is NULL)
select count(*) over () as rows, x."country", x."city", x."people"
from pg_temp.whc_stage x
where (x."country" is null or x."city" is null)
limit 5;
-- audit null-effective-at: rows mean that rows of dim_place do not say from when they hold (at is NULL)
select count(*) over () as rows, x."country", x."city", x."people"
from pg_temp.whc_stage x
where x."at" is null
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_place is stated twice for one time
select count(*) over () as keys, s."country", s."city", s."at", count(*) as rows
from pg_temp.whc_stage s
join pg_temp.whc_several m on m."country" = s."country" and m."city" = s."city"
group by s."country", s."city", s."at" having count(*) > 1
order by count(*) desc, s."country", s."city"
limit 5;
-- audit member-key-in-source: rows mean that dim_place has a row in its source with the key of one of its members
select count(*) over () as rows, x."country", x."city"
from pg_temp.whc_stage x
where ((x."country" = '-1'::text and x."city" = '-1'::text))
limit 5;
-- prepare
create temporary table whc_touched on commit drop as
select s."country", s."city" from pg_temp.whc_stage s
left join "star"."dim_place" d
  on d."country" = s."country" and d."city" = s."city" and d."valid_from" = s."at"::timestamp without time zone
    and not false and not d."is_deleted"
      and row(s."people") is not distinct from row(d."people")
where not coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false) and d."place_key" is null
union
select s."country", s."city" from pg_temp.whc_stage s
where coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false)
  and not exists (
    select 1 from "star"."dim_place__ledger" d
    where d."country" = s."country" and d."city" = s."city" and d.kind = 'deleted' and d.at = s."at"::timestamp without time zone);
-- analyze
analyze pg_temp.whc_touched;
-- prepare
create temporary table whc_stored on commit drop as
select d.ctid as whc_tid, d."place_key" as whc_key, d."country", d."city",
  d."people",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, d."is_deleted" as whc_deleted,
  null::timestamp without time zone as whc_aside,
  d."valid_from" as whc_stated, d."valid_from" as whc_at,
  not false and not d."is_deleted" as whc_real,
  lead(d."valid_from") over (partition by d."country", d."city" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."country", d."city" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_place" d
join pg_temp.whc_touched t on t."country" = d."country" and t."city" = d."city"
left join (select distinct x."country", x."city", true as whc_here from pg_temp.whc_stage x) s
  on s."country" = d."country" and s."city" = d."city";
-- prepare
create temporary table whc_events on commit drop as
with unit as (
  select s."country", s."city", s."people", s."at"::timestamp without time zone as whc_stated, s."at"::timestamp without time zone as whc_at
  from pg_temp.whc_stage s
  join pg_temp.whc_touched t on t."country" = s."country" and t."city" = s."city"
  where not coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false)
),
state as (
  select t."country", t."city", max(o.whc_at) filter (where o.whc_real) as whc_newest,
    bool_or(o.whc_from = '-infinity'::timestamp without time zone) as whc_always,
    case when (bool_or(o.whc_current and o.whc_real)) is not true
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(o.whc_from) filter (where o.whc_current and not o.whc_real and o.whc_deleted) as whc_recorded
  from pg_temp.whc_touched t
  left join pg_temp.whc_stored o on o."country" = t."country" and o."city" = t."city"
  left join (
      select g."country", g."city", max(g.at) as at
      from "star"."dim_place__ledger" g where g.kind = 'deleted' group by g."country", g."city"
    ) g on g."country" = t."country" and g."city" = t."city"
  group by t."country", t."city"
),
known as (
  select distinct o."country", o."city", o.whc_stated from pg_temp.whc_stored o
  where o.whc_real
),
deletion as (
  select s."country", s."city", s."at"::timestamp without time zone as whc_at
  from pg_temp.whc_stage s
  join pg_temp.whc_touched t on t."country" = s."country" and t."city" = s."city"
  where coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false)
),
event as (
  select o."country", o."city", case when u.whc_stated is null then o."people" else u."people" end as "people", o.whc_at as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from pg_temp.whc_stored o
  left join unit u on u."country" = o."country" and u."city" = o."city" and u.whc_stated = o.whc_stated
  left join state k on k."country" = o."country" and k."city" = o."city"
  where o.whc_real
    and not exists (select 1 from deletion x where x."country" = o."country" and x."city" = o."city" and x.whc_at = o.whc_stated)
  union all
  select u."country", u."city", u."people", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from unit u
  left join state k on k."country" = u."country" and k."city" = u."city"
  left join known n on n."country" = u."country" and n."city" = u."city" and n.whc_stated = u.whc_stated
  where n.whc_stated is null
  union all
  select g."country", g."city", null::bigint, g.at, g.at, false, true, false, false, false
  from "star"."dim_place__ledger" g
  join pg_temp.whc_touched t on t."country" = g."country" and t."city" = g."city"
  where g.kind = 'deleted'
    and not exists (select 1 from unit u where u."country" = g."country" and u."city" = g."city" and u.whc_at = g.at)
    and not exists (select 1 from deletion x where x."country" = g."country" and x."city" = g."city" and x.whc_at = g.at)
  union all
  select u."country", u."city", null::bigint, u.whc_at, u.whc_at, false, n.at is not null, true,
    coalesce(u.whc_at < k.whc_newest, false) and n.at is null and v.whc_stated is null, false
  from deletion u
  left join state k on k."country" = u."country" and k."city" = u."city"
  left join known v on v."country" = u."country" and v."city" = u."city" and v.whc_stated = u.whc_at
  left join "star"."dim_place__ledger" n on n."country" = u."country" and n."city" = u."city" and n.kind = 'deleted' and n.at = u.whc_at
  where n.at is not null or v.whc_stated is not null or true
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."country", e."city" order by e.whc_at, e.whc_version, e.whc_stored desc), false), false) as whc_dropped
from event e;
-- audit late-version: rows mean that versions of dim_place arrive after a newer one of their key
select count(*) over () as versions, e."country", e."city", e.whc_stated as effective_at
from pg_temp.whc_events e
where e.whc_late and not e.whc_dropped
order by e."country", e."city", e.whc_stated
limit 5;
-- prepare
create temporary table whc_chain on commit drop as
with valued as (
  select e."country", e."city", e."people", e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from pg_temp.whc_events e
), line as (
  select v."country", v."city", case when v.whc_version then v."people" else lag(v."people") over (partition by v."country", v."city" order by v.whc_at, v.whc_version) end as "people", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."country", v."city" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."country", v."city" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."country", v."city") = 1 as whc_always,
    min(v.whc_at) filter (where v.whc_version) over (partition by v."country", v."city") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '-infinity'::timestamp without time zone
    else i.whc_at end as whc_from, not i.whc_version as whc_gone
  from line i
  where (i.whc_version or i.whc_follows)
)
select d.ctid as whc_tid, f."country", f."city", f.whc_from, 
  f."people" as "people", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", f.whc_gone as "is_deleted",
  d.ctid is not null and (d."people" is distinct from f."people" or d."valid_to" is distinct from coalesce(f.whc_to, null::timestamp without time zone) or d."is_current" is distinct from (f.whc_to is null) or d."is_deleted" is distinct from f.whc_gone) as whc_changed
from version f
left join pg_temp.whc_stored o on o."country" = f."country" and o."city" = f."city" and o.whc_from = f.whc_from
left join "star"."dim_place" d on d.ctid = o.whc_tid;
-- change
delete from "star"."dim_place__ledger" g using pg_temp.whc_touched t
where t."country" = g."country" and t."city" = g."city" and g.kind = 'deleted'
  and not exists (
    select 1 from pg_temp.whc_events e where e."country" = g."country" and e."city" = g."city" and e.whc_at = g.at and not e.whc_version);
-- change
insert into "star"."dim_place__ledger" (kind, "country", "city", at)
select 'deleted', e."country", e."city", e.whc_at
from pg_temp.whc_events e
where not e.whc_version and not e.whc_stored;
-- change
insert into "star"."dim_place__ledger" (kind, "country", "city", at, surrogate_key)
select 'withdrawn', o."country", o."city", o.whc_from, o.whc_key
from pg_temp.whc_stored o
where not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_place__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_place" d
set "people" = c."people", "valid_to" = c."valid_to", "is_current" = c."is_current", "is_deleted" = c."is_deleted"
from pg_temp.whc_chain c
where d.ctid = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_place" d using pg_temp.whc_stored o
where d.ctid = o.whc_tid and d."place_key" = o.whc_key and not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid);
-- change
insert into "star"."dim_place" ("place_key", "country", "city", "valid_from", "people", "valid_to", "is_current", "is_deleted")
select md5(coalesce(cast(c."country" as text), '_dbt_utils_surrogate_key_null_') || '-' || coalesce(cast(c."city" as text), '_dbt_utils_surrogate_key_null_') || '-' || coalesce(cast(c.whc_from as text), '_dbt_utils_surrogate_key_null_')),
  c."country", c."city", c.whc_from, c."people", c."valid_to", c."is_current", c."is_deleted"
from pg_temp.whc_chain c
left join (
  select distinct on (w.surrogate_key) w."country", w."city", w.at, w.surrogate_key
from "star"."dim_place__ledger" w where w.kind = 'withdrawn'
order by w.surrogate_key
) g
  on g."country" = c."country" and g."city" = c."city" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_place would not hold together
with version as (
  select d."country", d."city", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."country", d."city" order by d."valid_from") as whc_next, count(*) over (partition by d."place_key") as whc_shares
  from "star"."dim_place" d
  join pg_temp.whc_touched t on t."country" = d."country" and t."city" = d."city"
)
select count(*) over () as offences, v."country", v."city", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."country", x."city", x.whc_at from pg_temp.whc_events x where not x.whc_version
) e on e."country" = v."country" and e."city" = v."city" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
commit;
