-- model.shop.dim_member_profile
-- surrogate_key is proved: a key is given to a new combination, once

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_member_profile', 0));
-- prepare
create table if not exists "star"."dim_member_profile" (
  "member_profile_key" bigint not null,
  "age_band" text,
  "income" numeric(12,2)
);
-- lock
lock table "star"."dim_member_profile" in share row exclusive mode;
-- change
insert into "star"."dim_member_profile" ("member_profile_key", "age_band", "income")
select -1, 'Unknown'::text, null::numeric(12,2)
where not exists (select 1 from "star"."dim_member_profile" where "member_profile_key" = -1);
-- change
insert into "star"."dim_member_profile" ("member_profile_key", "age_band", "income")
select -2, 'Not applicable'::text, null::numeric(12,2)
where not exists (select 1 from "star"."dim_member_profile" where "member_profile_key" = -2);
-- prepare
create table if not exists "star"."dim_member_profile__history" (
  "history_key" bigint not null,
  "member_id" integer,
  "age_band" text,
  "income" numeric(12,2),
  "member_profile_key" bigint,
  "valid_from" timestamp without time zone not null,
  "valid_to" timestamp without time zone,
  "is_current" boolean not null,
  "stated_at" timestamp without time zone
);
-- prepare
create table if not exists "star"."dim_member_profile__history__ledger" (
  kind text not null,
  "member_id" integer,
  at timestamp without time zone,
  surrogate_key bigint
);
-- comment
comment on table "star"."dim_member_profile__history__ledger" is 'What dim_member_profile__history must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_member_profile__history" in share row exclusive mode;
-- prepare
create temporary table whc_run on commit drop as
select (clock_timestamp())::timestamp without time zone as at;
-- main, counts the rows
create temporary table whc_delta on commit drop as
with whc_source as materialized (
select * from staging.stg_members

), whc_pair as (
  select d.ctid as whc_tid,
  (s."member_id" is not null or d.ctid is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '-infinity'::timestamp without time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (false) as whc_overwrites,
  s."changed_at"::timestamp without time zone as whc_effective,
  coalesce(s."member_id", d."member_id") as "member_id",
  s."age_band",
  s."income"
  from whc_source s
  full join (select ctid, * from "star"."dim_member_profile__history" x where x."is_current") d
  on s."member_id" = d."member_id"
where d.ctid is null
  or s."member_id" is null
  or s."changed_at" is null
  or s."changed_at" < coalesce(d."stated_at", d."valid_from")
  or s."age_band" is distinct from d."age_band"
    or s."income" is distinct from d."income"
), whc_versions as (
  select count(*) as whc_current, null::tid[] as whc_past
  from "star"."dim_member_profile__history" x where x."is_current" and (select not exists (select from whc_pair where whc_tid is null))
  union all
  select count(*) filter (where x."is_current"),
    array_agg(x.ctid) filter (where not x."is_current" and p."member_id" is not null)
  from "star"."dim_member_profile__history" x
  left join (select distinct n."member_id" from whc_pair n where n.whc_tid is null) p
    on p."member_id" = x."member_id"
  where (select exists (select from whc_pair where whc_tid is null))
), whc_several as (
  select s."member_id"
  from whc_source s
  where (select (select count(*) from whc_source)
      - (select count(*) from whc_pair where whc_tid is null)
      <> (select sum(whc_current) from whc_versions)
      - (select count(*) from whc_pair where not whc_here))
  group by s."member_id" having count(*) > 1
  union
  select p."member_id"
  from whc_pair p
  where p.whc_tid is null
  group by p."member_id" having count(*) > 1
)
select p.*, r.whc_returns is true as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."member_id", true as whc_returns
  from "star"."dim_member_profile__history" x
  where x.ctid = any ((select whc_past from whc_versions where whc_past is not null)::tid[])
) r on p.whc_tid is null and r."member_id" = p."member_id"
union all
select null::tid, true, null::timestamp without time zone, null::timestamp without time zone, false, false, false, s."changed_at"::timestamp without time zone, s."member_id", s."age_band", s."income", false, true
from whc_source s
join whc_several m on m."member_id" = s."member_id";
-- analyze
analyze pg_temp.whc_delta (whc_tid, "member_id");
-- prepare
create temporary table whc_stage on commit drop as
select x."member_id", x.whc_effective as "changed_at", x."age_band" as "age_band", x."income" as "income"
from pg_temp.whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several on commit drop as
select distinct s."member_id" from pg_temp.whc_stage s;
-- prepare
delete from pg_temp.whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_member_profile have no natural key (member_id is NULL)
select count(*) over () as rows, x."member_id", x."age_band", x."income"
from pg_temp.whc_delta x
where (x."member_id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_member_profile do not say from when they hold (changed_at is NULL)
select count(*) over () as rows, x."member_id", x."age_band", x."income"
from pg_temp.whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_member_profile is stated twice for one time
select count(*) over () as keys, s."member_id", s."changed_at", count(*) as rows
from pg_temp.whc_stage s
join pg_temp.whc_several m on m."member_id" = s."member_id"
group by s."member_id", s."changed_at" having count(*) > 1
order by count(*) desc, s."member_id"
limit 5;
-- prepare
create temporary table whc_touched on commit drop as
select s."member_id" from pg_temp.whc_several s
union
select x."member_id" from pg_temp.whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."member_id" from pg_temp.whc_delta x where x.whc_returns
union
select x."member_id" from pg_temp.whc_delta x
join "star"."dim_member_profile__history__ledger" g on g."member_id" = x."member_id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."member_id" from pg_temp.whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from pg_temp.whc_run);
-- prepare
insert into pg_temp.whc_stage
select x."member_id", x.whc_effective as "changed_at", x."age_band" as "age_band", x."income" as "income"
from pg_temp.whc_delta x
where x.whc_here
  and exists (select 1 from pg_temp.whc_touched t where t."member_id" = x."member_id")
  and not exists (select 1 from pg_temp.whc_several m where m."member_id" = x."member_id");
-- prepare
delete from pg_temp.whc_delta x
where not x.whc_here and (x.whc_inferred or x.whc_deleted);
-- prepare
delete from pg_temp.whc_delta x using pg_temp.whc_touched t
where t."member_id" = x."member_id";
-- audit broken-history: rows mean that the history of dim_member_profile would have overlapping versions
select count(*) over () as offences, "member_id", count(*) as versions
from pg_temp.whc_delta x
where x.whc_tid is not null
group by "member_id"
having count(*) > 1 or bool_or(x.whc_from >= case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end)
limit 5;
-- change
update "star"."dim_member_profile__history" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end, "is_current" = false
from pg_temp.whc_delta x
where d.ctid = x.whc_tid;
-- change
insert into "star"."dim_member_profile__history" ("history_key", "member_id", "age_band", "income", "valid_from", "valid_to", "is_current", "stated_at")
select (select greatest(coalesce((select max("history_key") from "star"."dim_member_profile__history"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_member_profile__history__ledger"), 0), 0))
    + row_number() over (),
  x."member_id",
  x."age_band",
  x."income",
  x.whc_begins,
  null::timestamp without time zone,
  true,
  case when x.whc_here then nullif(x.whc_effective, x.whc_begins) end
from (
  select x.*, case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end as whc_begins
  from pg_temp.whc_delta x
  where x.whc_here
) x;
-- analyze
analyze pg_temp.whc_touched;
-- prepare
create temporary table whc_stored on commit drop as
select d.ctid as whc_tid, d."history_key" as whc_key, d."member_id",
  d."age_band", d."income",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, case when d."valid_from" = '-infinity'::timestamp without time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_member_profile__history" d
join pg_temp.whc_touched t on t."member_id" = d."member_id"
left join (select distinct x."member_id", true as whc_here from pg_temp.whc_stage x) s
  on s."member_id" = d."member_id";
-- prepare
create temporary table whc_events on commit drop as
with unit as (
  select s."member_id", s."age_band", s."income", s."changed_at"::timestamp without time zone as whc_stated,
    row_number() over (partition by s."member_id" order by s."changed_at"::timestamp without time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from pg_temp.whc_stage s
  join pg_temp.whc_touched t on t."member_id" = s."member_id"
  left join (
    select o."member_id", case when r."member_id" is not null then r."age_band" else o."age_band" end as "age_band", case when r."member_id" is not null then r."income" else o."income" end as "income", true as whc_is_there
    from pg_temp.whc_stored o
          left join pg_temp.whc_stage r on r."member_id" = o."member_id" and r."changed_at"::timestamp without time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."member_id" = s."member_id"
          and row(s."age_band", s."income") is not distinct from row(o."age_band", o."income")
),
state as (
  select t."member_id", max(o.whc_at) filter (where o.whc_real) as whc_newest,
    bool_or(o.whc_from = '-infinity'::timestamp without time zone) as whc_always,
    case when (bool_or(o.whc_current and o.whc_real)) is not true
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(o.whc_from) filter (where o.whc_current and not o.whc_real and o.whc_deleted) as whc_recorded
  from pg_temp.whc_touched t
  left join pg_temp.whc_stored o on o."member_id" = t."member_id"
  left join (
      select g."member_id", max(g.at) as at
      from "star"."dim_member_profile__history__ledger" g where g.kind = 'deleted' group by g."member_id"
    ) g on g."member_id" = t."member_id"
  group by t."member_id"
),
known as (
  select distinct o."member_id", o.whc_stated from pg_temp.whc_stored o
  where o.whc_real
),
event as (
  select o."member_id", case when u.whc_stated is null then o."age_band" else u."age_band" end as "age_band", case when u.whc_stated is null then o."income" else u."income" end as "income", case when o.whc_at >= (select at from pg_temp.whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from pg_temp.whc_stored o
  left join unit u on u."member_id" = o."member_id" and u.whc_stated = o.whc_stated
  left join state k on k."member_id" = o."member_id"
  where o.whc_real
    and (o.whc_from < (select at from pg_temp.whc_run) or o.whc_here)
  union all
  select u."member_id", u."age_band", u."income", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from pg_temp.whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."member_id" = u."member_id"
    left join known n on n."member_id" = u."member_id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."member_id" = u."member_id"
  where (u.whc_last and u.whc_at < k.whc_newest and u.whc_moved) is not true
  union all
  select o."member_id", null::text, null::numeric(12,2), o.whc_to, o.whc_to, false, true, false, false, false
  from pg_temp.whc_stored o
  where not o.whc_current and o.whc_next is distinct from o.whc_to and o.whc_real
  union all
  select g."member_id", null::text, null::numeric(12,2), g.at, g.at, false, true, false, false, false
  from "star"."dim_member_profile__history__ledger" g
  join pg_temp.whc_touched t on t."member_id" = g."member_id"
  where g.kind = 'deleted'
  union all
  select distinct o."member_id", null::text, null::numeric(12,2), (select at from pg_temp.whc_run), (select at from pg_temp.whc_run), false, false, false, false, false
  from pg_temp.whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and row(e."age_band", e."income") is not distinct from row(lag(e."age_band") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc), lag(e."income") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc)), false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain on commit drop as
with valued as (
  select e."member_id", e."age_band", e."income", e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from pg_temp.whc_events e
), line as (
  select v."member_id", v."age_band", v."income", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."member_id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."member_id" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."member_id") = 1 as whc_always,
    min(v.whc_at) filter (where v.whc_version) over (partition by v."member_id") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '-infinity'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d.ctid as whc_tid, f."member_id", f.whc_from, 
  f."age_band" as "age_band", f."income" as "income", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d.ctid is not null and (d."age_band" is distinct from f."age_band" or d."income" is distinct from f."income" or d."valid_to" is distinct from coalesce(f.whc_to, null::timestamp without time zone) or d."is_current" is distinct from (f.whc_to is null) or d."stated_at" is distinct from nullif(f.whc_stated, f.whc_from)) as whc_changed
from version f
left join pg_temp.whc_stored o on o."member_id" = f."member_id" and o.whc_from = f.whc_from
left join "star"."dim_member_profile__history" d on d.ctid = o.whc_tid;
-- change
insert into "star"."dim_member_profile__history__ledger" (kind, "member_id", at)
select 'deleted', e."member_id", e.whc_at
from pg_temp.whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
insert into "star"."dim_member_profile__history__ledger" (kind, "member_id", at, surrogate_key)
select 'withdrawn', o."member_id", o.whc_from, o.whc_key
from pg_temp.whc_stored o
where not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_member_profile__history__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_member_profile__history" d
set "age_band" = c."age_band", "income" = c."income", "valid_to" = c."valid_to", "is_current" = c."is_current", "stated_at" = c."stated_at"
from pg_temp.whc_chain c
where d.ctid = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_member_profile__history" d using pg_temp.whc_stored o
where d.ctid = o.whc_tid and d."history_key" = o.whc_key and not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid);
-- change
insert into "star"."dim_member_profile__history" ("history_key", "member_id", "valid_from", "age_band", "income", "valid_to", "is_current", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("history_key") from "star"."dim_member_profile__history"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_member_profile__history__ledger"), 0), 0))
    + row_number() over (order by c."member_id", c.whc_from)),
  c."member_id", c.whc_from, c."age_band", c."income", c."valid_to", c."is_current", c."stated_at"
from pg_temp.whc_chain c
left join (
  select distinct on (w.surrogate_key) w."member_id", w.at, w.surrogate_key
from "star"."dim_member_profile__history__ledger" w where w.kind = 'withdrawn'
order by w.surrogate_key
) g
  on g."member_id" = c."member_id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_member_profile would not hold together
with version as (
  select d."member_id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_next, count(*) over (partition by d."history_key") as whc_shares
  from "star"."dim_member_profile__history" d
  join pg_temp.whc_touched t on t."member_id" = d."member_id"
)
select count(*) over () as offences, v."member_id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."member_id", x.whc_at from pg_temp.whc_events x where not x.whc_version
) e on e."member_id" = v."member_id" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
-- change
insert into "star"."dim_member_profile" ("member_profile_key", "age_band", "income")
select (select greatest(coalesce(max("member_profile_key"), 0), 0) from "star"."dim_member_profile")
    + row_number() over (order by row(c."age_band", c."income")::text), c."age_band", c."income"
from (
  select distinct on (row(h."age_band", h."income")::text) h."age_band", h."income"
from "star"."dim_member_profile__history" h
where not exists (select 1 from "star"."dim_member_profile" m where row(m."age_band", m."income")::text = row(h."age_band", h."income")::text and m."member_profile_key" not in (-1, -2))
order by row(h."age_band", h."income")::text
) c;
-- change
update "star"."dim_member_profile__history" h
set "member_profile_key" = m."member_profile_key"
from "star"."dim_member_profile" m
where row(m."age_band", m."income")::text = row(h."age_band", h."income")::text and m."member_profile_key" not in (-1, -2)
  and h."member_profile_key" is distinct from m."member_profile_key";
-- audit broken-combinations: rows mean that rows of dim_member_profile would not be one for each combination
select count(*) over () as offences, row(m."age_band", m."income")::text as combination, count(*) as rows
from "star"."dim_member_profile" m
where true and m."member_profile_key" not in (-1, -2)
group by row(m."age_band", m."income")::text having count(*) > 1
union all
select count(*) over (), row(h."age_band", h."income")::text, 0
from "star"."dim_member_profile__history" h
where h."member_profile_key" is null
limit 5;
commit;
