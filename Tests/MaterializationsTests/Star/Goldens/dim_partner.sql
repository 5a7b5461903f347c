-- model.shop.dim_partner
-- warning: "old"."partners" has no column for phone of dim_partner, which is NULL in the versions that are taken over

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_partner', 0));
-- prepare
create table if not exists "star"."dim_partner" (
  "partner_key" bigint not null,
  "country" text,
  "partner_id" bigint,
  "name" text,
  "tier" text,
  "since" text,
  "phone" text,
  "current_tier" text,
  "valid_from" timestamp with time zone not null,
  "valid_to" timestamp with time zone,
  "is_current" boolean not null,
  "is_deleted" boolean not null default false,
  "stated_at" timestamp with time zone
);
-- prepare
create table if not exists "star"."dim_partner__ledger" (
  kind text not null,
  "country" text,
  "partner_id" bigint,
  at timestamp with time zone,
  surrogate_key bigint
);
-- comment
comment on table "star"."dim_partner__ledger" is 'What dim_partner must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_partner" in share row exclusive mode;
-- change
insert into "star"."dim_partner" ("partner_key", "country", "partner_id", "name", "tier", "since", "phone", "current_tier", "valid_from", "valid_to", "is_current")
select -1, '-1'::text, '-1'::bigint, 'Unknown'::text, 'Unknown'::text, 'Unknown'::text, 'Unknown'::text, 'Unknown'::text, '-infinity'::timestamp with time zone, null::timestamp with time zone, true
where not exists (select 1 from "star"."dim_partner" where "partner_key" = -1);
-- change
insert into "star"."dim_partner" ("partner_key", "country", "partner_id", "name", "tier", "since", "phone", "current_tier", "valid_from", "valid_to", "is_current")
select -2, '-2'::text, '-2'::bigint, 'Not applicable'::text, 'Not applicable'::text, 'Not applicable'::text, 'Not applicable'::text, 'Not applicable'::text, '-infinity'::timestamp with time zone, null::timestamp with time zone, true
where not exists (select 1 from "star"."dim_partner" where "partner_key" = -2);
-- prepare
create temporary table whc_taken on commit drop as
select o."country"::text as "country",
  o."id"::bigint as "partner_id",
  o."name" as "name",
  o."tier" as "tier",
  o."since" as "since",
  null::text as "phone",
  (o."from_day"::timestamp at time zone 'Europe/Berlin') as whc_from,
  case when (o."to_day" >= '9999-01-01') is not true then (o."to_day"::timestamp at time zone 'Europe/Berlin') end as whc_to,
  coalesce(lower(cast(o."gone" as text)) in ('true', 't', '1', 'yes', 'y'), false) as whc_gone,
  false as whc_marked,
  o."sk"::bigint as whc_key
from "old"."partners" o
where (o."sk"::bigint in (-1, -2)) is not true
  and (o."country"::text = '-1'::text and o."id"::bigint = '-1'::bigint) is not true
  and (o."country"::text = '-2'::text and o."id"::bigint = '-2'::bigint) is not true;
-- audit take-over-null: rows mean that "old"."partners", which dim_partner takes over, has rows without a natural key or a beginning
select count(*) over () as rows, t."country", t."partner_id", t.whc_from as valid_from, t.whc_to as valid_to
from pg_temp.whc_taken t
where (t."country" is null or t."partner_id" is null) or t.whc_from is null
limit 5;
-- audit take-over-empty-interval: rows mean that "old"."partners", which dim_partner takes over, has rows that end before they begin, or then
select count(*) over () as rows, t."country", t."partner_id", t.whc_from as valid_from, t.whc_to as valid_to
from pg_temp.whc_taken t
where t.whc_to <= t.whc_from
limit 5;
-- prepare
delete from pg_temp.whc_taken t using pg_temp.whc_taken x
where x."country" = t."country" and x."partner_id" = t."partner_id" and x.whc_from = t.whc_from and x.whc_to is not distinct from t.whc_to
  and x.whc_gone = t.whc_gone and row(x."name", x."tier", x."since", x."phone") is not distinct from row(t."name", t."tier", t."since", t."phone")
  and (x.whc_key < t.whc_key or x.whc_key is not distinct from t.whc_key and x.ctid < t.ctid);
-- audit take-over-duplicate: rows mean that "old"."partners", which dim_partner takes over, has versions of one member that begin at one time
select count(*) over () as versions, t."country", t."partner_id", t.whc_from as valid_from, count(*) as rows
from pg_temp.whc_taken t
group by t."country", t."partner_id", t.whc_from having count(*) > 1
limit 5;
-- prepare
update pg_temp.whc_taken u set whc_to = t.whc_next
from (
    select t.ctid as tid, t."country", t."partner_id", t.whc_from, t.whc_to, lead(t.whc_from) over (partition by t."country", t."partner_id" order by t.whc_from) as whc_next
    from pg_temp.whc_taken t
) t
where u.ctid = t.tid and t.whc_next is not null and (t.whc_to <= t.whc_next) is not true;
-- prepare
update pg_temp.whc_taken u set whc_to = t.whc_next
from (
    select t.ctid as tid, t."country", t."partner_id", t.whc_from, t.whc_to, lead(t.whc_from) over (partition by t."country", t."partner_id" order by t.whc_from) as whc_next
    from pg_temp.whc_taken t
) t
where u.ctid = t.tid and t.whc_to < t.whc_next;
-- audit take-over-key: rows mean that "old"."partners", which dim_partner takes over, has rows without a surrogate key, or with one that another has
select count(*) over () as keys, t.whc_key as surrogate_key, count(*) as rows, min(t.whc_from) as valid_from
from pg_temp.whc_taken t
group by t.whc_key having count(*) > 1 or t.whc_key is null
limit 5;
-- prepare
update pg_temp.whc_taken t set whc_to = null, whc_marked = true
from pg_temp.whc_taken x
where x."country" = t."country" and x."partner_id" = t."partner_id" and x.whc_gone and x.whc_to is null and t.whc_to = x.whc_from
  and not t.whc_gone;
-- prepare
delete from pg_temp.whc_taken t
where t.whc_gone;
-- change
insert into "star"."dim_partner" ("partner_key", "country", "partner_id", "name", "tier", "since", "phone", "current_tier", "valid_from", "valid_to", "is_current", "is_deleted", "stated_at")
select n.whc_key,
  n."country", n."partner_id",
  n."name",
  n."tier",
  n."since",
  n."phone",
  n."current_tier",
  n.whc_begins,
  coalesce(n.whc_to, null::timestamp with time zone),
  n.whc_to is null,
  n.whc_marked,
  nullif(n.whc_from, n.whc_begins)
from (
  select t."country", t."partner_id", t."name", t."tier", first_value(t."since") over (partition by t."country", t."partner_id" order by t.whc_from rows between unbounded preceding and current row) as "since", first_value(t."phone") over (partition by t."country", t."partner_id" order by t.whc_from desc rows between unbounded preceding and current row) as "phone", first_value(t."tier") over (partition by t."country", t."partner_id" order by t.whc_from desc rows between unbounded preceding and current row) as "current_tier", t.whc_from, t.whc_to, t.whc_gone, t.whc_marked, t.whc_key, case when row_number() over (partition by t."country", t."partner_id" order by t.whc_from) = 1 then '-infinity'::timestamp with time zone else t.whc_from end as whc_begins
  from pg_temp.whc_taken t
) n
where not exists (select 1 from "star"."dim_partner__ledger" where kind = 'taken over');
-- change
insert into "star"."dim_partner__ledger" (kind, at)
select 'taken over', (clock_timestamp())::timestamp with time zone;
-- prepare
create temporary table whc_run on commit drop as
select (clock_timestamp())::timestamp with time zone as at;
-- main, counts the rows
create temporary table whc_delta on commit drop as
with whc_source as materialized (
select * from staging.stg_partners

), whc_pair as (
  select d.ctid as whc_tid,
  (s."country" is not null or d.ctid is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '-infinity'::timestamp with time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  d."is_deleted" as whc_deleted,
  false as whc_inferred,
  (s."phone" is distinct from d."phone"
    or s."tier" is distinct from d."tier"
    or s."tier" is distinct from d."current_tier") as whc_overwrites,
  s."at"::timestamp with time zone as whc_effective,
  coalesce(s."country", d."country") as "country",
  coalesce(s."partner_id", d."partner_id") as "partner_id",
  s."name",
  s."tier",
  case when d.ctid is null or false then s."since" else d."since" end as "since",
  s."phone",
  s."tier" as "current_tier",
  s."since" as whc_raw_0
  from whc_source s
  full join (select ctid, * from "star"."dim_partner" x where x."is_current" and x."partner_key" not in (-1, -2)) d
  on s."country" = d."country" and s."partner_id" = d."partner_id"
where d.ctid is null
  or s."country" is null
  or d."is_deleted"
  or s."at" is null
  or s."at" < coalesce(d."stated_at", d."valid_from")
  or s."name" is distinct from d."name"
    or s."tier" is distinct from d."tier"
    or s."phone" is distinct from d."phone"
), whc_versions as (
  select count(*) as whc_current, null::tid[] as whc_past
  from "star"."dim_partner" x where x."is_current" and x."partner_key" not in (-1, -2) and (select not exists (select from whc_pair where whc_tid is null))
  union all
  select count(*) filter (where x."is_current" and x."partner_key" not in (-1, -2)),
    array_agg(x.ctid) filter (where not x."is_current" and p."country" is not null)
  from "star"."dim_partner" x
  left join (select distinct n."country", n."partner_id" from whc_pair n where n.whc_tid is null) p
    on p."country" = x."country" and p."partner_id" = x."partner_id"
  where (select exists (select from whc_pair where whc_tid is null))
), whc_several as (
  select s."country", s."partner_id"
  from whc_source s
  where (select (select count(*) from whc_source)
      - (select count(*) from whc_pair where whc_tid is null)
      <> (select sum(whc_current) from whc_versions)
      - (select count(*) from whc_pair where not whc_here))
  group by s."country", s."partner_id" having count(*) > 1
  union
  select p."country", p."partner_id"
  from whc_pair p
  where p.whc_tid is null
  group by p."country", p."partner_id" having count(*) > 1
)
select p.*, r.whc_returns is true as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."country", x."partner_id", true as whc_returns
  from "star"."dim_partner" x
  where x.ctid = any ((select whc_past from whc_versions where whc_past is not null)::tid[])
) r on p.whc_tid is null and r."country" = p."country" and r."partner_id" = p."partner_id"
union all
select null::tid, true, null::timestamp with time zone, null::timestamp with time zone, false, false, false, s."at"::timestamp with time zone, s."country", s."partner_id", s."name", s."tier", s."since", s."phone", s."tier", s."since", false, true
from whc_source s
join whc_several m on m."country" = s."country" and m."partner_id" = s."partner_id";
-- analyze
analyze pg_temp.whc_delta (whc_tid, "country", "partner_id");
-- prepare
create temporary table whc_stage on commit drop as
select x."country", x."partner_id", x.whc_effective as "at", x."name" as "name", x."tier" as "tier", x.whc_raw_0 as "since", x."phone" as "phone"
from pg_temp.whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several on commit drop as
select distinct s."country", s."partner_id" from pg_temp.whc_stage s;
-- prepare
delete from pg_temp.whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_partner have no natural key (country, partner_id is NULL)
select count(*) over () as rows, x."country", x."partner_id", x."name", x."tier", x."since", x."phone"
from pg_temp.whc_delta x
where (x."country" is null or x."partner_id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_partner do not say from when they hold (at is NULL)
select count(*) over () as rows, x."country", x."partner_id", x."name", x."tier", x."since", x."phone"
from pg_temp.whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_partner is stated twice for one time
select count(*) over () as keys, s."country", s."partner_id", s."at", count(*) as rows
from pg_temp.whc_stage s
join pg_temp.whc_several m on m."country" = s."country" and m."partner_id" = s."partner_id"
group by s."country", s."partner_id", s."at" having count(*) > 1
order by count(*) desc, s."country", s."partner_id"
limit 5;
-- audit member-key-in-source: rows mean that dim_partner has a row in its source with the key of one of its members
select count(*) over () as rows, x."country", x."partner_id"
from pg_temp.whc_delta x
where ((x."country" = '-1'::text and x."partner_id" = '-1'::bigint) or (x."country" = '-2'::text and x."partner_id" = '-2'::bigint)) and x.whc_here
limit 5;
-- prepare
create temporary table whc_touched on commit drop as
select s."country", s."partner_id" from pg_temp.whc_several s
union
select x."country", x."partner_id" from pg_temp.whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."country", x."partner_id" from pg_temp.whc_delta x where x.whc_returns
union
select x."country", x."partner_id" from pg_temp.whc_delta x
join "star"."dim_partner__ledger" g on g."country" = x."country" and g."partner_id" = x."partner_id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed';
-- prepare
insert into pg_temp.whc_stage
select x."country", x."partner_id", x.whc_effective as "at", x."name" as "name", x."tier" as "tier", x.whc_raw_0 as "since", x."phone" as "phone"
from pg_temp.whc_delta x
where x.whc_here
  and exists (select 1 from pg_temp.whc_touched t where t."country" = x."country" and t."partner_id" = x."partner_id")
  and not exists (select 1 from pg_temp.whc_several m where m."country" = x."country" and m."partner_id" = x."partner_id");
-- prepare
delete from pg_temp.whc_delta x
where not x.whc_here and (x.whc_inferred or x.whc_deleted);
-- prepare
delete from pg_temp.whc_delta x using pg_temp.whc_touched t
where t."country" = x."country" and t."partner_id" = x."partner_id";
-- audit broken-history: rows mean that the history of dim_partner would have overlapping versions
select count(*) over () as offences, "country", "partner_id", count(*) as versions
from pg_temp.whc_delta x
where x.whc_tid is not null
group by "country", "partner_id"
having count(*) > 1 or bool_or(x.whc_here and x.whc_from >= case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end)
limit 5;
-- change
update "star"."dim_partner" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end, "is_current" = false
from pg_temp.whc_delta x
where d.ctid = x.whc_tid and x.whc_here;
-- change
update "star"."dim_partner" d set "is_deleted" = true
from pg_temp.whc_delta x
where d.ctid = x.whc_tid and not x.whc_here;
-- change
insert into "star"."dim_partner" ("partner_key", "country", "partner_id", "name", "tier", "since", "phone", "current_tier", "valid_from", "valid_to", "is_current", "is_deleted", "stated_at")
select (select greatest(coalesce((select max("partner_key") from "star"."dim_partner"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_partner__ledger"), 0), 0))
    + row_number() over (),
  x."country", x."partner_id",
  x."name",
  x."tier",
  x."since",
  x."phone",
  x."current_tier",
  x.whc_begins,
  null::timestamp with time zone,
  true,
  not x.whc_here,
  case when x.whc_here then nullif(x.whc_effective, x.whc_begins) end
from (
  select x.*, case when x.whc_tid is null then '-infinity'::timestamp with time zone else case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end end as whc_begins
  from pg_temp.whc_delta x
  where x.whc_here
) x;
-- analyze
analyze pg_temp.whc_touched;
-- prepare
create temporary table whc_stored on commit drop as
select d.ctid as whc_tid, d."partner_key" as whc_key, d."country", d."partner_id",
  d."name", d."tier", d."since", d."phone", d."current_tier",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, d."is_deleted" as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, case when d."valid_from" = '-infinity'::timestamp with time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."country", d."partner_id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."country", d."partner_id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_partner" d
join pg_temp.whc_touched t on t."country" = d."country" and t."partner_id" = d."partner_id"
left join (select distinct x."country", x."partner_id", true as whc_here from pg_temp.whc_stage x) s
  on s."country" = d."country" and s."partner_id" = d."partner_id";
-- prepare
create temporary table whc_events on commit drop as
with unit as (
  select s."country", s."partner_id", s."name", s."tier", s."since", s."phone", s."at"::timestamp with time zone as whc_stated,
    row_number() over (partition by s."country", s."partner_id" order by s."at"::timestamp with time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from pg_temp.whc_stage s
  join pg_temp.whc_touched t on t."country" = s."country" and t."partner_id" = s."partner_id"
  left join (
    select o."country", o."partner_id", case when r."country" is not null then r."name" else o."name" end as "name", case when r."country" is not null then r."tier" else o."tier" end as "tier", true as whc_is_there
    from pg_temp.whc_stored o
          left join pg_temp.whc_stage r on r."country" = o."country" and r."partner_id" = o."partner_id" and r."at"::timestamp with time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."country" = s."country" and o."partner_id" = s."partner_id"
          and row(s."name", s."tier") is not distinct from row(o."name", o."tier")
),
state as (
  select t."country", t."partner_id", max(o.whc_at) filter (where o.whc_real) as whc_newest,
    bool_or(o.whc_from = '-infinity'::timestamp with time zone) as whc_always,
    case when (bool_or(o.whc_current and o.whc_real)) is not true
      then greatest(max(o.whc_to)) end as whc_closed,
    max(o.whc_from) filter (where o.whc_current and not o.whc_real and o.whc_deleted) as whc_recorded
  from pg_temp.whc_touched t
  left join pg_temp.whc_stored o on o."country" = t."country" and o."partner_id" = t."partner_id"
  group by t."country", t."partner_id"
),
known as (
  select distinct o."country", o."partner_id", o.whc_stated from pg_temp.whc_stored o
  where o.whc_real
),
event as (
  select o."country", o."partner_id", case when u.whc_stated is null then o."name" else u."name" end as "name", case when u.whc_stated is null then o."tier" else u."tier" end as "tier", case when u.whc_stated is null then o."since" else u."since" end as "since", case when u.whc_stated is null then o."phone" else u."phone" end as "phone", o.whc_at as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from pg_temp.whc_stored o
  left join unit u on u."country" = o."country" and u."partner_id" = o."partner_id" and u.whc_stated = o.whc_stated
  left join state k on k."country" = o."country" and k."partner_id" = o."partner_id"
  where o.whc_real
  union all
  select u."country", u."partner_id", u."name", u."tier", u."since", u."phone", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from pg_temp.whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."country" = u."country" and k."partner_id" = u."partner_id"
    left join known n on n."country" = u."country" and n."partner_id" = u."partner_id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."country" = u."country" and k."partner_id" = u."partner_id"
  where (u.whc_last and u.whc_at < k.whc_newest and u.whc_moved) is not true
  union all
  select o."country", o."partner_id", null::text, null::text, null::text, null::text, o.whc_to, o.whc_to, false, true, false, false, false
  from pg_temp.whc_stored o
  where not o.whc_current and o.whc_next is distinct from o.whc_to and o.whc_real
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."country", e."partner_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."country", e."partner_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and row(e."name", e."tier") is not distinct from row(lag(e."name") over (partition by e."country", e."partner_id" order by e.whc_at, e.whc_version, e.whc_stored desc), lag(e."tier") over (partition by e."country", e."partner_id" order by e.whc_at, e.whc_version, e.whc_stored desc)), false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain on commit drop as
with valued as (
  select e."country", e."partner_id", e."name", e."tier", first_value(e."since") over (partition by e."country", e."partner_id" order by e.whc_version desc, e.whc_stated, e.whc_stored, e.whc_at
      rows between unbounded preceding and current row) as "since",
      first_value(e."phone") over (partition by e."country", e."partner_id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "phone",
      first_value(e."tier") over (partition by e."country", e."partner_id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "current_tier",
      e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    coalesce(max(e.whc_at) filter (where not e.whc_version) over (partition by e."country", e."partner_id")
      > max(e.whc_at) filter (where e.whc_version and not e.whc_dropped) over (partition by e."country", e."partner_id"), false) as whc_ended
  from pg_temp.whc_events e
), line as (
  select v."country", v."partner_id", v."name", v."tier", v."since", v."phone", v."current_tier", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."country", v."partner_id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."country", v."partner_id" order by v.whc_at, v.whc_version), false) as whc_follows,
    true as whc_always,
    min(v.whc_at) filter (where v.whc_version) over (partition by v."country", v."partner_id") as whc_first
  from valued v
  where not v.whc_dropped and v.whc_version
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '-infinity'::timestamp with time zone
    else i.whc_at end as whc_from, i.whc_to is null and i.whc_ended as whc_gone
  from line i
  where i.whc_version
)
select d.ctid as whc_tid, f."country", f."partner_id", f.whc_from, 
  f."name" as "name", f."tier" as "tier", f."since" as "since", f."phone" as "phone", f."current_tier" as "current_tier", coalesce(f.whc_to, null::timestamp with time zone) as "valid_to", (f.whc_to is null) as "is_current", f.whc_gone as "is_deleted", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d.ctid is not null and (d."name" is distinct from f."name" or d."tier" is distinct from f."tier" or d."since" is distinct from f."since" or d."phone" is distinct from f."phone" or d."current_tier" is distinct from f."current_tier" or d."valid_to" is distinct from coalesce(f.whc_to, null::timestamp with time zone) or d."is_current" is distinct from (f.whc_to is null) or d."is_deleted" is distinct from f.whc_gone or d."stated_at" is distinct from nullif(f.whc_stated, f.whc_from)) as whc_changed
from version f
left join pg_temp.whc_stored o on o."country" = f."country" and o."partner_id" = f."partner_id" and o.whc_from = f.whc_from
left join "star"."dim_partner" d on d.ctid = o.whc_tid;
-- change
insert into "star"."dim_partner__ledger" (kind, "country", "partner_id", at, surrogate_key)
select 'withdrawn', o."country", o."partner_id", o.whc_from, o.whc_key
from pg_temp.whc_stored o
where not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_partner__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_partner" d
set "name" = c."name", "tier" = c."tier", "since" = c."since", "phone" = c."phone", "current_tier" = c."current_tier", "valid_to" = c."valid_to", "is_current" = c."is_current", "is_deleted" = c."is_deleted", "stated_at" = c."stated_at"
from pg_temp.whc_chain c
where d.ctid = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_partner" d using pg_temp.whc_stored o
where d.ctid = o.whc_tid and d."partner_key" = o.whc_key and not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid);
-- change
insert into "star"."dim_partner" ("partner_key", "country", "partner_id", "valid_from", "name", "tier", "since", "phone", "current_tier", "valid_to", "is_current", "is_deleted", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("partner_key") from "star"."dim_partner"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_partner__ledger"), 0), 0))
    + row_number() over (order by c."country", c."partner_id", c.whc_from)),
  c."country", c."partner_id", c.whc_from, c."name", c."tier", c."since", c."phone", c."current_tier", c."valid_to", c."is_current", c."is_deleted", c."stated_at"
from pg_temp.whc_chain c
left join (
  select distinct on (w.surrogate_key) w."country", w."partner_id", w.at, w.surrogate_key
from "star"."dim_partner__ledger" w where w.kind = 'withdrawn'
order by w.surrogate_key
) g
  on g."country" = c."country" and g."partner_id" = c."partner_id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_partner would not hold together
with version as (
  select d."country", d."partner_id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."country", d."partner_id" order by d."valid_from") as whc_next, count(*) over (partition by d."partner_key") as whc_shares
  from "star"."dim_partner" d
  join pg_temp.whc_touched t on t."country" = d."country" and t."partner_id" = d."partner_id"
)
select count(*) over () as offences, v."country", v."partner_id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."country", x."partner_id", x.whc_at from pg_temp.whc_events x where not x.whc_version
) e on e."country" = v."country" and e."partner_id" = v."partner_id" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
commit;
