-- model.shop.dim_x

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."dim_x";
-- prepare
create table if not exists "star"."dim_x__ledger" (
  kind text not null,
  "id" integer,
  at timestamp without time zone,
  surrogate_key bigint
);
-- comment
comment on table "star"."dim_x__ledger" is 'What dim_x must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_x";
-- prepare
alter table "star"."dim_x" add column "c" varchar(65535);
-- prepare
alter table "star"."dim_x" add column "current_c" varchar(65535);
-- prepare
alter table "star"."dim_x" drop column "b" cascade;
-- prepare
alter table "star"."dim_x" add column "a__dbt_alter" character varying(20);
-- prepare
update "star"."dim_x" set "a__dbt_alter" = "a";
-- prepare
alter table "star"."dim_x" drop column "a" cascade;
-- prepare
alter table "star"."dim_x" rename column "a__dbt_alter" to "a";
-- prepare
create table if not exists "star"."dim_x_recorded" (
  "x_key" bigint,
  "id" integer,
  "a" character varying(20),
  "c" varchar(65535),
  "current_c" varchar(65535),
  "valid_from" timestamp without time zone,
  "valid_to" timestamp without time zone,
  "is_current" boolean,
  "stated_at" timestamp without time zone,
  "recorded_from" timestamp with time zone not null,
  "recorded_to" timestamp with time zone not null
);
-- comment
comment on table "star"."dim_x_recorded" is 'What dim_x held, from when to when; kept by whc';
-- prepare
create temporary table "whc_backfill"
  as (
select * from x
  );
-- change
update "star"."dim_x" d
set "c" = b."c", "current_c" = b."c"
from (
  select whc_row."id", whc_row."c"
from (
  select x."id", x."c", row_number() over (partition by x."id" order by x."at" desc) as whc_nth
  from whc_backfill x
) whc_row
where whc_row.whc_nth = 1
) b
where b."id" = d."id";
-- prepare
create temporary table whc_run as
select (greatest(getdate(), sysdate))::timestamp without time zone as at;
-- main
create temporary table "whc_source"
  as (
select * from x
  );
-- prepare
create temporary table whc_delta as
with whc_pair as (
  select d."x_key" as whc_tid,
  (s."id" is not null or d."x_key" is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (case when s."c" = d."c" or (s."c" is null and d."c" is null) then false else true end
    or case when s."c" = d."current_c" or (s."c" is null and d."current_c" is null) then false else true end) as whc_overwrites,
  s."at"::timestamp without time zone as whc_effective,
  coalesce(s."id", d."id") as "id",
  s."a",
  s."c",
  s."c" as "current_c"
  from whc_source s
  full join (select * from "star"."dim_x" x where x."is_current") d
  on s."id" = d."id"
where d."x_key" is null
  or s."id" is null
  or s."at" is null
  or s."at" < coalesce(d."stated_at", d."valid_from")
  or case when s."a" = d."a" or (s."a" is null and d."a" is null) then false else true end
    or case when s."c" = d."c" or (s."c" is null and d."c" is null) then false else true end
)
select p.*, coalesce(r.whc_returns, false) as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."id", true as whc_returns
  from "star"."dim_x" x
  where not x."is_current"
) r on p.whc_tid is null and r."id" = p."id"
union all
select null::bigint, true, null::timestamp without time zone, null::timestamp without time zone, false, false, false, s."at"::timestamp without time zone, s."id", s."a", s."c", s."c", false, true
from whc_source s
join (
  select x."id" from whc_source x group by x."id" having count(*) > 1
) m on m."id" = s."id";
-- prepare
create temporary table whc_stage as
select x."id", x.whc_effective as "at", x."a" as "a", x."c" as "c"
from whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several as
select distinct s."id" from whc_stage s;
-- prepare
delete from whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_x have no natural key (id is NULL)
select count(*) over () as rows, x."id", x."a", x."c"
from whc_delta x
where (x."id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_x do not say from when they hold (at is NULL)
select count(*) over () as rows, x."id", x."a", x."c"
from whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_x is stated twice for one time
select count(*) over () as keys, s."id", s."at", count(*) as rows
from whc_stage s
join whc_several m on m."id" = s."id"
group by s."id", s."at" having count(*) > 1
order by count(*) desc, s."id"
limit 5;
-- prepare
create temporary table whc_touched as
select s."id" from whc_several s
union
select x."id" from whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."id" from whc_delta x where x.whc_returns
union
select x."id" from whc_delta x
join "star"."dim_x__ledger" g on g."id" = x."id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."id" from whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from whc_run);
-- prepare
insert into whc_stage
select x."id", x.whc_effective as "at", x."a" as "a", x."c" as "c"
from whc_delta x
where x.whc_here
  and exists (select 1 from whc_touched t where t."id" = x."id")
  and not exists (select 1 from whc_several m where m."id" = x."id");
-- prepare
delete from whc_delta
where not whc_delta.whc_here and (whc_delta.whc_inferred or whc_delta.whc_deleted);
-- prepare
delete from whc_delta using whc_touched t
where t."id" = whc_delta."id";
-- audit broken-history: rows mean that the history of dim_x would have overlapping versions
select count(*) over () as offences, "id", count(*) as versions
from whc_delta x
where x.whc_tid is not null
group by "id"
having count(*) > 1 or bool_or(x.whc_from >= case when x.whc_here then x.whc_effective else (select at from whc_run) end)
limit 5;
-- change
update "star"."dim_x" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from whc_run) end, "is_current" = false
from whc_delta x
where d."x_key" = x.whc_tid;
-- change
insert into "star"."dim_x" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at")
select (select greatest(coalesce((select max("x_key") from "star"."dim_x"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_x__ledger"), 0), 0))
    + row_number() over (),
  x."id",
  x."a",
  x."c",
  x."current_c",
  x.whc_begins,
  null::timestamp without time zone,
  true,
  case when x.whc_here then nullif(x.whc_effective, x.whc_begins) end
from (
  select x.*, case when x.whc_here then x.whc_effective else (select at from whc_run) end as whc_begins
  from whc_delta x
  where x.whc_here
) x;
-- prepare
create temporary table whc_stored as
select d."x_key" as whc_tid, d."x_key" as whc_key, d."id",
  d."a", d."c", d."current_c",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_x" d
join whc_touched t on t."id" = d."id"
left join (select distinct x."id", true as whc_here from whc_stage x) s
  on s."id" = d."id";
-- prepare
create temporary table whc_events as
with unit as (
  select s."id", s."a", s."c", s."at"::timestamp without time zone as whc_stated,
    row_number() over (partition by s."id" order by s."at"::timestamp without time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from whc_stage s
  join whc_touched t on t."id" = s."id"
  left join (
    select o."id", case when r."id" is not null then r."a" else o."a" end as "a", case when r."id" is not null then r."c" else o."c" end as "c", true as whc_is_there
    from whc_stored o
          left join whc_stage r on r."id" = o."id" and r."at"::timestamp without time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."id" = s."id"
          and case when s."a" = o."a" or (s."a" is null and o."a" is null) then true else false end
  and case when s."c" = o."c" or (s."c" is null and o."c" is null) then true else false end
),
state as (
  select t."id", max(case when o.whc_real then o.whc_at end) as whc_newest,
    bool_or(o.whc_from = '1900-01-01'::timestamp without time zone) as whc_always,
    case when not coalesce(bool_or(o.whc_current and o.whc_real), false)
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(case when o.whc_current and not o.whc_real and o.whc_deleted then o.whc_from end) as whc_recorded
  from whc_touched t
  left join whc_stored o on o."id" = t."id"
  left join (
      select g."id", max(g.at) as at
      from "star"."dim_x__ledger" g where g.kind = 'deleted' group by g."id"
    ) g on g."id" = t."id"
  group by t."id"
),
known as (
  select distinct o."id", o.whc_stated from whc_stored o
  where o.whc_real
),
event as (
  select o."id", case when u.whc_stated is null then o."a" else u."a" end as "a", case when u.whc_stated is null then o."c" else u."c" end as "c", case when o.whc_at >= (select at from whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from whc_stored o
  left join unit u on u."id" = o."id" and u.whc_stated = o.whc_stated
  left join state k on k."id" = o."id"
  where o.whc_real
    and (o.whc_from < (select at from whc_run) or o.whc_here)
  union all
  select u."id", u."a", u."c", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."id" = u."id"
    left join known n on n."id" = u."id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."id" = u."id"
  where not coalesce(u.whc_last and u.whc_at < k.whc_newest and u.whc_moved, false)
  union all
  select o."id", null::character varying(20), null::text, o.whc_to, o.whc_to, false, true, false, false, false
  from whc_stored o
  where not o.whc_current and case when o.whc_next = o.whc_to or (o.whc_next is null and o.whc_to is null) then false else true end and o.whc_real
  union all
  select g."id", null::character varying(20), null::text, g.at, g.at, false, true, false, false, false
  from "star"."dim_x__ledger" g
  join whc_touched t on t."id" = g."id"
  where g.kind = 'deleted'
  union all
  select distinct o."id", null::character varying(20), null::text, (select at from whc_run), (select at from whc_run), false, false, false, false, false
  from whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and case when e."a" = lag(e."a") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."a" is null and lag(e."a") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end
  and case when e."c" = lag(e."c") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."c" is null and lag(e."c") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end, false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain as
with valued as (
  select e."id", e."a", e."c", first_value(e."c") over (partition by e."id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "current_c",
      e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from whc_events e
), line as (
  select v."id", v."a", v."c", v."current_c", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."id" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."id") = 1 as whc_always,
    min(case when v.whc_version then v.whc_at end) over (partition by v."id") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '1900-01-01'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d."x_key" as whc_tid, f."id", f.whc_from, 
  f."a" as "a", f."c" as "c", f."current_c" as "current_c", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d."x_key" is not null and (case when d."a" = f."a" or (d."a" is null and f."a" is null) then false else true end or case when d."c" = f."c" or (d."c" is null and f."c" is null) then false else true end or case when d."current_c" = f."current_c" or (d."current_c" is null and f."current_c" is null) then false else true end or case when d."valid_to" = coalesce(f.whc_to, null::timestamp without time zone) or (d."valid_to" is null and coalesce(f.whc_to, null::timestamp without time zone) is null) then false else true end or case when d."is_current" = (f.whc_to is null) or (d."is_current" is null and (f.whc_to is null) is null) then false else true end or case when d."stated_at" = nullif(f.whc_stated, f.whc_from) or (d."stated_at" is null and nullif(f.whc_stated, f.whc_from) is null) then false else true end) as whc_changed
from version f
left join whc_stored o on o."id" = f."id" and o.whc_from = f.whc_from
left join "star"."dim_x" d on d."x_key" = o.whc_tid;
-- change
insert into "star"."dim_x__ledger" (kind, "id", at)
select 'deleted', e."id", e.whc_at
from whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
insert into "star"."dim_x__ledger" (kind, "id", at, surrogate_key)
select 'withdrawn', o."id", o.whc_from, o.whc_key
from whc_stored o
where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_x__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_x" d
set "a" = c."a", "c" = c."c", "current_c" = c."current_c", "valid_to" = c."valid_to", "is_current" = c."is_current", "stated_at" = c."stated_at"
from whc_chain c
where d."x_key" = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_x"
where "x_key" in (
  select o.whc_key from whc_stored o where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid));
-- change
insert into "star"."dim_x" ("x_key", "id", "valid_from", "a", "c", "current_c", "valid_to", "is_current", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("x_key") from "star"."dim_x"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_x__ledger"), 0), 0))
    + row_number() over (order by c."id", c.whc_from)),
  c."id", c.whc_from, c."a", c."c", c."current_c", c."valid_to", c."is_current", c."stated_at"
from whc_chain c
left join (
  select whc_row."id", whc_row.at, whc_row.surrogate_key
from (
  select w."id", w.at, w.surrogate_key, row_number() over (partition by w.surrogate_key order by w.surrogate_key) as whc_nth
  from "star"."dim_x__ledger" w where w.kind = 'withdrawn'
) whc_row
where whc_row.whc_nth = 1
) g
  on g."id" = c."id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_x would not hold together
with version as (
  select d."id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_next, count(*) over (partition by d."x_key") as whc_shares
  from "star"."dim_x" d
  join whc_touched t on t."id" = d."id"
)
select count(*) over () as offences, v."id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."id", x.whc_at from whc_events x where not x.whc_version
) e on e."id" = v."id" and e.whc_at = v.whc_to
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
select r."x_key" as whc_key
from "star"."dim_x_recorded" r
join "star"."dim_x" d on d."x_key" = r."x_key"
where r."recorded_to" = cast('9999-12-31' as timestamp with time zone)
  and case when d."x_key" = r."x_key" or (d."x_key" is null and r."x_key" is null) then true else false end
  and case when d."id" = r."id" or (d."id" is null and r."id" is null) then true else false end
  and case when d."a" = r."a" or (d."a" is null and r."a" is null) then true else false end
  and case when d."c" = r."c" or (d."c" is null and r."c" is null) then true else false end
  and case when d."current_c" = r."current_c" or (d."current_c" is null and r."current_c" is null) then true else false end
  and case when d."valid_from" = r."valid_from" or (d."valid_from" is null and r."valid_from" is null) then true else false end
  and case when d."valid_to" = r."valid_to" or (d."valid_to" is null and r."valid_to" is null) then true else false end
  and case when d."is_current" = r."is_current" or (d."is_current" is null and r."is_current" is null) then true else false end
  and case when d."stated_at" = r."stated_at" or (d."stated_at" is null and r."stated_at" is null) then true else false end;
-- change
delete from "star"."dim_x_recorded"
where "dim_x_recorded"."recorded_to" = cast('9999-12-31' as timestamp with time zone) and "dim_x_recorded"."recorded_from" >= (select at from whc_recorded_at)
  and not exists (select 1 from whc_kept k where k.whc_key = "dim_x_recorded"."x_key");
-- change
update "star"."dim_x_recorded" r set "recorded_to" = (select at from whc_recorded_at)
where r."recorded_to" = cast('9999-12-31' as timestamp with time zone) and not exists (select 1 from whc_kept k where k.whc_key = r."x_key");
-- change
insert into "star"."dim_x_recorded" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at", "recorded_from", "recorded_to")
select d."x_key", d."id", d."a", d."c", d."current_c", d."valid_from", d."valid_to", d."is_current", d."stated_at", (select at from whc_recorded_at), cast('9999-12-31' as timestamp with time zone)
from "star"."dim_x" d
where not exists (select 1 from whc_kept k where k.whc_key = d."x_key");
-- cleanup
drop table if exists "whc_backfill", whc_run, "whc_source", whc_delta, whc_stage, whc_several, whc_touched, whc_stored, whc_events, whc_chain, whc_recorded_at, whc_kept;
commit;
