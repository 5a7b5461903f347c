-- model.shop.dim_place

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."dim_place";
-- prepare
create table if not exists "star"."dim_place__ledger" (
  kind text not null,
  "country" varchar(65535),
  "city" varchar(65535),
  at timestamp without time zone,
  surrogate_key character varying(256)
);
-- comment
comment on table "star"."dim_place__ledger" is 'What dim_place must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_place";
-- change
insert into "star"."dim_place" ("place_key", "country", "city", "people", "valid_from", "valid_to", "is_current")
select '-1', '-1'::text, '-1'::text, null::bigint, '1900-01-01'::timestamp without time zone, null::timestamp without time zone, true
where not exists (select 1 from "star"."dim_place" where "place_key" = '-1');
-- main, counts the rows
create temporary table "whc_stage"
  as (
select * from staging.stg_places
  );
-- prepare
create temporary table whc_run as
select (greatest(getdate(), sysdate))::timestamp without time zone as at;
-- prepare
create temporary table whc_several as
select distinct s."country", s."city"
from whc_stage s
group by s."country", s."city", s."at"::timestamp without time zone having count(*) > 1;
-- audit null-natural-key: rows mean that rows of dim_place have no natural key (country, city is NULL)
select count(*) over () as rows, x."country", x."city", x."people"
from whc_stage x
where (x."country" is null or x."city" is null)
limit 5;
-- audit null-effective-at: rows mean that rows of dim_place do not say from when they hold (at is NULL)
select count(*) over () as rows, x."country", x."city", x."people"
from whc_stage x
where x."at" is null
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_place is stated twice for one time
select count(*) over () as keys, s."country", s."city", s."at", count(*) as rows
from whc_stage s
join whc_several m on m."country" = s."country" and m."city" = s."city"
group by s."country", s."city", s."at" having count(*) > 1
order by count(*) desc, s."country", s."city"
limit 5;
-- audit member-key-in-source: rows mean that dim_place has a row in its source with the key of one of its members
select count(*) over () as rows, x."country", x."city"
from whc_stage x
where ((x."country" = '-1'::text and x."city" = '-1'::text))
limit 5;
-- prepare
create temporary table whc_touched as
select s."country", s."city" from whc_stage s
left join "star"."dim_place" d
  on d."country" = s."country" and d."city" = s."city" and d."valid_from" = s."at"::timestamp without time zone
    and not false and not d."is_deleted"
      and case when s."people" = d."people" or (s."people" is null and d."people" is null) then true else false end
where not coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false) and d."place_key" is null
union
select s."country", s."city" from whc_stage s
where coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false)
  and not exists (
    select 1 from "star"."dim_place__ledger" d
    where d."country" = s."country" and d."city" = s."city" and d.kind = 'deleted' and d.at = s."at"::timestamp without time zone);
-- prepare
create temporary table whc_stored as
select d."place_key" as whc_tid, d."place_key" as whc_key, d."country", d."city",
  d."people",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, d."is_deleted" as whc_deleted,
  null::timestamp without time zone as whc_aside,
  d."valid_from" as whc_stated, d."valid_from" as whc_at,
  not false and not d."is_deleted" as whc_real,
  lead(d."valid_from") over (partition by d."country", d."city" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."country", d."city" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_place" d
join whc_touched t on t."country" = d."country" and t."city" = d."city"
left join (select distinct x."country", x."city", true as whc_here from whc_stage x) s
  on s."country" = d."country" and s."city" = d."city";
-- prepare
create temporary table whc_events as
with unit as (
  select s."country", s."city", s."people", s."at"::timestamp without time zone as whc_stated, s."at"::timestamp without time zone as whc_at
  from whc_stage s
  join whc_touched t on t."country" = s."country" and t."city" = s."city"
  where not coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false)
),
state as (
  select t."country", t."city", max(case when o.whc_real then o.whc_at end) as whc_newest,
    bool_or(o.whc_from = '1900-01-01'::timestamp without time zone) as whc_always,
    case when not coalesce(bool_or(o.whc_current and o.whc_real), false)
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(case when o.whc_current and not o.whc_real and o.whc_deleted then o.whc_from end) as whc_recorded
  from whc_touched t
  left join whc_stored o on o."country" = t."country" and o."city" = t."city"
  left join (
      select g."country", g."city", max(g.at) as at
      from "star"."dim_place__ledger" g where g.kind = 'deleted' group by g."country", g."city"
    ) g on g."country" = t."country" and g."city" = t."city"
  group by t."country", t."city"
),
known as (
  select distinct o."country", o."city", o.whc_stated from whc_stored o
  where o.whc_real
),
deletion as (
  select s."country", s."city", s."at"::timestamp without time zone as whc_at
  from whc_stage s
  join whc_touched t on t."country" = s."country" and t."city" = s."city"
  where coalesce(s."op"::text in ('D', 'd', 'DELETE', 'delete'), false)
),
event as (
  select o."country", o."city", case when u.whc_stated is null then o."people" else u."people" end as "people", o.whc_at as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from whc_stored o
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
  join whc_touched t on t."country" = g."country" and t."city" = g."city"
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
from whc_events e
where e.whc_late and not e.whc_dropped
order by e."country", e."city", e.whc_stated
limit 5;
-- prepare
create temporary table whc_chain as
with valued as (
  select e."country", e."city", e."people", e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from whc_events e
), line as (
  select v."country", v."city", case when v.whc_version then v."people" else lag(v."people") over (partition by v."country", v."city" order by v.whc_at, v.whc_version) end as "people", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."country", v."city" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."country", v."city" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."country", v."city") = 1 as whc_always,
    min(case when v.whc_version then v.whc_at end) over (partition by v."country", v."city") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '1900-01-01'::timestamp without time zone
    else i.whc_at end as whc_from, not i.whc_version as whc_gone
  from line i
  where (i.whc_version or i.whc_follows)
)
select d."place_key" as whc_tid, f."country", f."city", f.whc_from, 
  f."people" as "people", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", f.whc_gone as "is_deleted",
  d."place_key" is not null and (case when d."people" = f."people" or (d."people" is null and f."people" is null) then false else true end or case when d."valid_to" = coalesce(f.whc_to, null::timestamp without time zone) or (d."valid_to" is null and coalesce(f.whc_to, null::timestamp without time zone) is null) then false else true end or case when d."is_current" = (f.whc_to is null) or (d."is_current" is null and (f.whc_to is null) is null) then false else true end or case when d."is_deleted" = f.whc_gone or (d."is_deleted" is null and f.whc_gone is null) then false else true end) as whc_changed
from version f
left join whc_stored o on o."country" = f."country" and o."city" = f."city" and o.whc_from = f.whc_from
left join "star"."dim_place" d on d."place_key" = o.whc_tid;
-- change
delete from "star"."dim_place__ledger" using whc_touched t
where t."country" = "dim_place__ledger"."country" and t."city" = "dim_place__ledger"."city" and "dim_place__ledger".kind = 'deleted'
  and not exists (
    select 1 from whc_events e where e."country" = "dim_place__ledger"."country" and e."city" = "dim_place__ledger"."city" and e.whc_at = "dim_place__ledger".at and not e.whc_version);
-- change
insert into "star"."dim_place__ledger" (kind, "country", "city", at)
select 'deleted', e."country", e."city", e.whc_at
from whc_events e
where not e.whc_version and not e.whc_stored;
-- change
insert into "star"."dim_place__ledger" (kind, "country", "city", at, surrogate_key)
select 'withdrawn', o."country", o."city", o.whc_from, o.whc_key
from whc_stored o
where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_place__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_place" d
set "people" = c."people", "valid_to" = c."valid_to", "is_current" = c."is_current", "is_deleted" = c."is_deleted"
from whc_chain c
where d."place_key" = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_place"
where "place_key" in (
  select o.whc_key from whc_stored o where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid));
-- change
insert into "star"."dim_place" ("place_key", "country", "city", "valid_from", "people", "valid_to", "is_current", "is_deleted")
select md5(coalesce(cast(c."country" as varchar(65535)), '_dbt_utils_surrogate_key_null_') || '-' || coalesce(cast(c."city" as varchar(65535)), '_dbt_utils_surrogate_key_null_') || '-' || coalesce(cast(c.whc_from as varchar(65535)), '_dbt_utils_surrogate_key_null_')),
  c."country", c."city", c.whc_from, c."people", c."valid_to", c."is_current", c."is_deleted"
from whc_chain c
left join (
  select whc_row."country", whc_row."city", whc_row.at, whc_row.surrogate_key
from (
  select w."country", w."city", w.at, w.surrogate_key, row_number() over (partition by w.surrogate_key order by w.surrogate_key) as whc_nth
  from "star"."dim_place__ledger" w where w.kind = 'withdrawn'
) whc_row
where whc_row.whc_nth = 1
) g
  on g."country" = c."country" and g."city" = c."city" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_place would not hold together
with version as (
  select d."country", d."city", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."country", d."city" order by d."valid_from") as whc_next, count(*) over (partition by d."place_key") as whc_shares
  from "star"."dim_place" d
  join whc_touched t on t."country" = d."country" and t."city" = d."city"
)
select count(*) over () as offences, v."country", v."city", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."country", x."city", x.whc_at from whc_events x where not x.whc_version
) e on e."country" = v."country" and e."city" = v."city" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
-- cleanup
drop table if exists "whc_stage", whc_run, whc_several, whc_touched, whc_stored, whc_events, whc_chain;
commit;
