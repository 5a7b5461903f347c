-- model.shop.dim_x

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_x', 0));
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
lock table "star"."dim_x" in share row exclusive mode;
-- prepare
alter table "star"."dim_x"
  alter column "a" type character varying(20),
  add column if not exists "c" text,
  add column if not exists "current_c" text,
  drop column "b";
-- prepare
select set_config('whc.recorded_at', (clock_timestamp())::text, true);
-- prepare
create table if not exists "star"."dim_x_recorded" (
  "x_key" bigint,
  "id" integer,
  "a" character varying(20),
  "c" text,
  "current_c" text,
  "valid_from" timestamp without time zone,
  "valid_to" timestamp without time zone,
  "is_current" boolean,
  "stated_at" timestamp without time zone,
  "recorded_from" timestamp with time zone not null,
  "recorded_to" timestamp with time zone not null
);
-- index
create index if not exists "dim_x_recorded_open" on "star"."dim_x_recorded" ("x_key")
where "recorded_to" = 'infinity';
-- comment
comment on table "star"."dim_x_recorded" is 'What dim_x held, from when to when; kept by whc';
-- prepare
create or replace function "star"."dim_x__record"() returns trigger language plpgsql as $whc$
declare
  whc_at timestamptz := nullif(current_setting('whc.recorded_at', true), '')::timestamptz;
begin
  if whc_at is null then
    whc_at := clock_timestamp();
    perform set_config('whc.recorded_at', whc_at::text, true);
  end if;
  if tg_op = 'INSERT' then
    insert into "star"."dim_x_recorded" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at", "recorded_from", "recorded_to")
    select n."x_key", n."id", n."a", n."c", n."current_c", n."valid_from", n."valid_to", n."is_current", n."stated_at", whc_at, 'infinity' from whc_new n;
  elsif tg_op = 'DELETE' then
    delete from "star"."dim_x_recorded" r using whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity' and r."recorded_from" >= whc_at;
    update "star"."dim_x_recorded" r set "recorded_to" = whc_at from whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity';
  else
    delete from "star"."dim_x_recorded" r using whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity' and r."recorded_from" >= whc_at
      and not exists (
      select from whc_new x where x."x_key" = o."x_key" and x::text = o::text);
    update "star"."dim_x_recorded" r set "recorded_to" = whc_at from whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity'
      and not exists (
      select from whc_new x where x."x_key" = o."x_key" and x::text = o::text);
    insert into "star"."dim_x_recorded" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at", "recorded_from", "recorded_to")
    select n."x_key", n."id", n."a", n."c", n."current_c", n."valid_from", n."valid_to", n."is_current", n."stated_at", whc_at, 'infinity' from whc_new n
    where not exists (
      select from whc_old x where x."x_key" = n."x_key" and x::text = n::text);
  end if;
  return null;
end
$whc$;
-- prepare
do $whc$
begin
  if (
    select count(*) from pg_catalog.pg_trigger
    where tgrelid = '"star"."dim_x"'::regclass and tgname like 'whc\_record\_%'
  ) < 3 or not exists (select from "star"."dim_x_recorded") then
    drop trigger if exists whc_record_insert on "star"."dim_x";
    drop trigger if exists whc_record_update on "star"."dim_x";
    drop trigger if exists whc_record_delete on "star"."dim_x";
    create trigger whc_record_insert after insert on "star"."dim_x"
      referencing new table as whc_new for each statement execute function "star"."dim_x__record"();
    create trigger whc_record_update after update on "star"."dim_x"
      referencing old table as whc_old new table as whc_new for each statement execute function "star"."dim_x__record"();
    create trigger whc_record_delete after delete on "star"."dim_x"
      referencing old table as whc_old for each statement execute function "star"."dim_x__record"();
    update "star"."dim_x_recorded" r set "recorded_to" = current_setting('whc.recorded_at')::timestamptz
    where r."recorded_to" = 'infinity'
      and not exists (
        select from "star"."dim_x" d
        where d."x_key" = r."x_key"
          and row(d."x_key", d."id", d."a", d."c", d."current_c", d."valid_from", d."valid_to", d."is_current", d."stated_at")::text = row(r."x_key", r."id", r."a", r."c", r."current_c", r."valid_from", r."valid_to", r."is_current", r."stated_at")::text);
    insert into "star"."dim_x_recorded" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at", "recorded_from", "recorded_to")
    select d."x_key", d."id", d."a", d."c", d."current_c", d."valid_from", d."valid_to", d."is_current", d."stated_at", current_setting('whc.recorded_at')::timestamptz, 'infinity'
    from "star"."dim_x" d
    where not exists (
      select from "star"."dim_x_recorded" r where r."x_key" = d."x_key" and r."recorded_to" = 'infinity');
  end if;
end
$whc$;
-- prepare
create temporary table "whc_backfill" on commit drop
  as (
select * from x
  );
-- change
update "star"."dim_x" d
set "c" = b."c", "current_c" = b."c"
from (
  select distinct on (x."id") x."id", x."c"
from pg_temp.whc_backfill x
order by x."id", x."at" desc
) b
where b."id" = d."id";
-- prepare
create temporary table whc_run on commit drop as
select (clock_timestamp())::timestamp without time zone as at;
-- prepare
explain (costs off, format json)
create temporary table whc_delta on commit drop as
select d.ctid as whc_tid,
  (s."id" is not null or d.ctid is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '-infinity'::timestamp without time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (s."c" is distinct from d."c"
    or s."c" is distinct from d."current_c") as whc_overwrites,
  s."at"::timestamp without time zone as whc_effective,
  coalesce(s."id", d."id") as "id",
  s."a",
  s."c",
  s."c" as "current_c"
from (
select * from x
) s
full join (select ctid, * from "star"."dim_x" x where x."is_current") d
  on s."id" = d."id"
where d.ctid is null
  or s."id" is null
  or s."at" is null
  or s."at" < coalesce(d."stated_at", d."valid_from")
  or s."a" is distinct from d."a"
    or s."c" is distinct from d."c";
-- main, counts the rows
explain (analyze, timing off, summary off, costs off, format json)
create temporary table whc_delta on commit drop as
select d.ctid as whc_tid,
  (s."id" is not null or d.ctid is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '-infinity'::timestamp without time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (s."c" is distinct from d."c"
    or s."c" is distinct from d."current_c") as whc_overwrites,
  s."at"::timestamp without time zone as whc_effective,
  coalesce(s."id", d."id") as "id",
  s."a",
  s."c",
  s."c" as "current_c"
from (
select * from x
) s
full join (select ctid, * from "star"."dim_x" x where x."is_current") d
  on s."id" = d."id"
where d.ctid is null
  or s."id" is null
  or s."at" is null
  or s."at" < coalesce(d."stated_at", d."valid_from")
  or s."a" is distinct from d."a"
    or s."c" is distinct from d."c";
-- analyze
analyze pg_temp.whc_delta (whc_tid, "id");
-- prepare
do $whc$
begin
  if (select count(*) from pg_temp.whc_delta x where x.whc_tid is null or not x.whc_here)
    is distinct from :alone
    or exists (
      select 1 from pg_temp.whc_delta x where x.whc_tid is null group by x."id" having count(*) > 1) then
    raise exception using errcode = 'WHC02', message = 'a key of dim_x stands in more than one row';
  end if;
end
$whc$;
-- prepare
create temporary table whc_stage on commit drop as
select x."id", x.whc_effective as "at", x."a" as "a", x."c" as "c"
from pg_temp.whc_delta x
where false;
-- prepare
create temporary table whc_several on commit drop as
select distinct s."id" from pg_temp.whc_stage s;
-- audit null-natural-key: rows mean that rows of dim_x have no natural key (id is NULL)
select count(*) over () as rows, x."id", x."a", x."c"
from pg_temp.whc_delta x
where (x."id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_x do not say from when they hold (at is NULL)
select count(*) over () as rows, x."id", x."a", x."c"
from pg_temp.whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_x is stated twice for one time
select count(*) over () as keys, s."id", s."at", count(*) as rows
from pg_temp.whc_stage s
join pg_temp.whc_several m on m."id" = s."id"
group by s."id", s."at" having count(*) > 1
order by count(*) desc, s."id"
limit 5;
-- prepare
create temporary table whc_touched on commit drop as
select s."id" from pg_temp.whc_several s
union
select x."id" from pg_temp.whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."id" from pg_temp.whc_delta x
join "star"."dim_x" d on d."id" = x."id"
where x.whc_tid is null
union
select x."id" from pg_temp.whc_delta x
join "star"."dim_x__ledger" g on g."id" = x."id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."id" from pg_temp.whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from pg_temp.whc_run);
-- prepare
insert into pg_temp.whc_stage
select x."id", x.whc_effective as "at", x."a" as "a", x."c" as "c"
from pg_temp.whc_delta x
where x.whc_here
  and exists (select 1 from pg_temp.whc_touched t where t."id" = x."id")
  and not exists (select 1 from pg_temp.whc_several m where m."id" = x."id");
-- prepare
delete from pg_temp.whc_delta x
where not x.whc_here and (x.whc_inferred or x.whc_deleted);
-- prepare
delete from pg_temp.whc_delta x using pg_temp.whc_touched t
where t."id" = x."id";
-- audit broken-history: rows mean that the history of dim_x would have overlapping versions
select count(*) over () as offences, "id", 1 as versions
from pg_temp.whc_delta x
where x.whc_tid is not null and x.whc_from >= case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end
limit 5;
-- change
update "star"."dim_x" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end, "is_current" = false
from pg_temp.whc_delta x
where d.ctid = x.whc_tid;
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
  select x.*, case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end as whc_begins
  from pg_temp.whc_delta x
  where x.whc_here
) x;
-- analyze
analyze pg_temp.whc_touched;
-- prepare
create temporary table whc_stored on commit drop as
select d.ctid as whc_tid, d."x_key" as whc_key, d."id",
  d."a", d."c", d."current_c",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, case when d."valid_from" = '-infinity'::timestamp without time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_x" d
join pg_temp.whc_touched t on t."id" = d."id"
left join (select distinct x."id", true as whc_here from pg_temp.whc_stage x) s
  on s."id" = d."id";
-- prepare
create temporary table whc_events on commit drop as
with unit as (
  select s."id", s."a", s."c", s."at"::timestamp without time zone as whc_stated,
    row_number() over (partition by s."id" order by s."at"::timestamp without time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from pg_temp.whc_stage s
  join pg_temp.whc_touched t on t."id" = s."id"
  left join (
    select o."id", case when r."id" is not null then r."a" else o."a" end as "a", case when r."id" is not null then r."c" else o."c" end as "c", true as whc_is_there
    from pg_temp.whc_stored o
          left join pg_temp.whc_stage r on r."id" = o."id" and r."at"::timestamp without time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."id" = s."id"
          and row(s."a", s."c") is not distinct from row(o."a", o."c")
),
state as (
  select t."id", max(o.whc_at) filter (where o.whc_real) as whc_newest,
    bool_or(o.whc_from = '-infinity'::timestamp without time zone) as whc_always,
    case when (bool_or(o.whc_current and o.whc_real)) is not true
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(o.whc_from) filter (where o.whc_current and not o.whc_real and o.whc_deleted) as whc_recorded
  from pg_temp.whc_touched t
  left join pg_temp.whc_stored o on o."id" = t."id"
  left join (
      select g."id", max(g.at) as at
      from "star"."dim_x__ledger" g where g.kind = 'deleted' group by g."id"
    ) g on g."id" = t."id"
  group by t."id"
),
known as (
  select distinct o."id", o.whc_stated from pg_temp.whc_stored o
  where o.whc_real
),
event as (
  select o."id", case when u.whc_stated is null then o."a" else u."a" end as "a", case when u.whc_stated is null then o."c" else u."c" end as "c", case when o.whc_at >= (select at from pg_temp.whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from pg_temp.whc_stored o
  left join unit u on u."id" = o."id" and u.whc_stated = o.whc_stated
  left join state k on k."id" = o."id"
  where o.whc_real
    and (o.whc_from < (select at from pg_temp.whc_run) or o.whc_here)
  union all
  select u."id", u."a", u."c", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from pg_temp.whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."id" = u."id"
    left join known n on n."id" = u."id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."id" = u."id"
  where (u.whc_last and u.whc_at < k.whc_newest and u.whc_moved) is not true
  union all
  select o."id", null::character varying(20), null::text, o.whc_to, o.whc_to, false, true, false, false, false
  from pg_temp.whc_stored o
  where not o.whc_current and o.whc_next is distinct from o.whc_to and o.whc_real
  union all
  select g."id", null::character varying(20), null::text, g.at, g.at, false, true, false, false, false
  from "star"."dim_x__ledger" g
  join pg_temp.whc_touched t on t."id" = g."id"
  where g.kind = 'deleted'
  union all
  select distinct o."id", null::character varying(20), null::text, (select at from pg_temp.whc_run), (select at from pg_temp.whc_run), false, false, false, false, false
  from pg_temp.whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and row(e."a", e."c") is not distinct from row(lag(e."a") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), lag(e."c") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc)), false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain on commit drop as
with valued as (
  select e."id", e."a", e."c", first_value(e."c") over (partition by e."id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "current_c",
      e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from pg_temp.whc_events e
), line as (
  select v."id", v."a", v."c", v."current_c", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."id" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."id") = 1 as whc_always,
    min(v.whc_at) filter (where v.whc_version) over (partition by v."id") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '-infinity'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d.ctid as whc_tid, f."id", f.whc_from, 
  f."a" as "a", f."c" as "c", f."current_c" as "current_c", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d.ctid is not null and (d."a" is distinct from f."a" or d."c" is distinct from f."c" or d."current_c" is distinct from f."current_c" or d."valid_to" is distinct from coalesce(f.whc_to, null::timestamp without time zone) or d."is_current" is distinct from (f.whc_to is null) or d."stated_at" is distinct from nullif(f.whc_stated, f.whc_from)) as whc_changed
from version f
left join pg_temp.whc_stored o on o."id" = f."id" and o.whc_from = f.whc_from
left join "star"."dim_x" d on d.ctid = o.whc_tid;
-- change
insert into "star"."dim_x__ledger" (kind, "id", at)
select 'deleted', e."id", e.whc_at
from pg_temp.whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
insert into "star"."dim_x__ledger" (kind, "id", at, surrogate_key)
select 'withdrawn', o."id", o.whc_from, o.whc_key
from pg_temp.whc_stored o
where not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_x__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_x" d
set "a" = c."a", "c" = c."c", "current_c" = c."current_c", "valid_to" = c."valid_to", "is_current" = c."is_current", "stated_at" = c."stated_at"
from pg_temp.whc_chain c
where d.ctid = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_x" d using pg_temp.whc_stored o
where d.ctid = o.whc_tid and d."x_key" = o.whc_key and not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid);
-- change
insert into "star"."dim_x" ("x_key", "id", "valid_from", "a", "c", "current_c", "valid_to", "is_current", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("x_key") from "star"."dim_x"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_x__ledger"), 0), 0))
    + row_number() over (order by c."id", c.whc_from)),
  c."id", c.whc_from, c."a", c."c", c."current_c", c."valid_to", c."is_current", c."stated_at"
from pg_temp.whc_chain c
left join (
  select distinct on (w.surrogate_key) w."id", w.at, w.surrogate_key
from "star"."dim_x__ledger" w where w.kind = 'withdrawn'
order by w.surrogate_key
) g
  on g."id" = c."id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_x would not hold together
with version as (
  select d."id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_next, count(*) over (partition by d."x_key") as whc_shares
  from "star"."dim_x" d
  join pg_temp.whc_touched t on t."id" = d."id"
)
select count(*) over () as offences, v."id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."id", x.whc_at from pg_temp.whc_events x where not x.whc_version
) e on e."id" = v."id" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
commit;

-- otherwise, when the server answers WHC02:
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_x', 0));
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
lock table "star"."dim_x" in share row exclusive mode;
-- prepare
alter table "star"."dim_x"
  alter column "a" type character varying(20),
  add column if not exists "c" text,
  add column if not exists "current_c" text,
  drop column "b";
-- prepare
select set_config('whc.recorded_at', (clock_timestamp())::text, true);
-- prepare
create table if not exists "star"."dim_x_recorded" (
  "x_key" bigint,
  "id" integer,
  "a" character varying(20),
  "c" text,
  "current_c" text,
  "valid_from" timestamp without time zone,
  "valid_to" timestamp without time zone,
  "is_current" boolean,
  "stated_at" timestamp without time zone,
  "recorded_from" timestamp with time zone not null,
  "recorded_to" timestamp with time zone not null
);
-- index
create index if not exists "dim_x_recorded_open" on "star"."dim_x_recorded" ("x_key")
where "recorded_to" = 'infinity';
-- comment
comment on table "star"."dim_x_recorded" is 'What dim_x held, from when to when; kept by whc';
-- prepare
create or replace function "star"."dim_x__record"() returns trigger language plpgsql as $whc$
declare
  whc_at timestamptz := nullif(current_setting('whc.recorded_at', true), '')::timestamptz;
begin
  if whc_at is null then
    whc_at := clock_timestamp();
    perform set_config('whc.recorded_at', whc_at::text, true);
  end if;
  if tg_op = 'INSERT' then
    insert into "star"."dim_x_recorded" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at", "recorded_from", "recorded_to")
    select n."x_key", n."id", n."a", n."c", n."current_c", n."valid_from", n."valid_to", n."is_current", n."stated_at", whc_at, 'infinity' from whc_new n;
  elsif tg_op = 'DELETE' then
    delete from "star"."dim_x_recorded" r using whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity' and r."recorded_from" >= whc_at;
    update "star"."dim_x_recorded" r set "recorded_to" = whc_at from whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity';
  else
    delete from "star"."dim_x_recorded" r using whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity' and r."recorded_from" >= whc_at
      and not exists (
      select from whc_new x where x."x_key" = o."x_key" and x::text = o::text);
    update "star"."dim_x_recorded" r set "recorded_to" = whc_at from whc_old o
    where r."x_key" = o."x_key" and r."recorded_to" = 'infinity'
      and not exists (
      select from whc_new x where x."x_key" = o."x_key" and x::text = o::text);
    insert into "star"."dim_x_recorded" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at", "recorded_from", "recorded_to")
    select n."x_key", n."id", n."a", n."c", n."current_c", n."valid_from", n."valid_to", n."is_current", n."stated_at", whc_at, 'infinity' from whc_new n
    where not exists (
      select from whc_old x where x."x_key" = n."x_key" and x::text = n::text);
  end if;
  return null;
end
$whc$;
-- prepare
do $whc$
begin
  if (
    select count(*) from pg_catalog.pg_trigger
    where tgrelid = '"star"."dim_x"'::regclass and tgname like 'whc\_record\_%'
  ) < 3 or not exists (select from "star"."dim_x_recorded") then
    drop trigger if exists whc_record_insert on "star"."dim_x";
    drop trigger if exists whc_record_update on "star"."dim_x";
    drop trigger if exists whc_record_delete on "star"."dim_x";
    create trigger whc_record_insert after insert on "star"."dim_x"
      referencing new table as whc_new for each statement execute function "star"."dim_x__record"();
    create trigger whc_record_update after update on "star"."dim_x"
      referencing old table as whc_old new table as whc_new for each statement execute function "star"."dim_x__record"();
    create trigger whc_record_delete after delete on "star"."dim_x"
      referencing old table as whc_old for each statement execute function "star"."dim_x__record"();
    update "star"."dim_x_recorded" r set "recorded_to" = current_setting('whc.recorded_at')::timestamptz
    where r."recorded_to" = 'infinity'
      and not exists (
        select from "star"."dim_x" d
        where d."x_key" = r."x_key"
          and row(d."x_key", d."id", d."a", d."c", d."current_c", d."valid_from", d."valid_to", d."is_current", d."stated_at")::text = row(r."x_key", r."id", r."a", r."c", r."current_c", r."valid_from", r."valid_to", r."is_current", r."stated_at")::text);
    insert into "star"."dim_x_recorded" ("x_key", "id", "a", "c", "current_c", "valid_from", "valid_to", "is_current", "stated_at", "recorded_from", "recorded_to")
    select d."x_key", d."id", d."a", d."c", d."current_c", d."valid_from", d."valid_to", d."is_current", d."stated_at", current_setting('whc.recorded_at')::timestamptz, 'infinity'
    from "star"."dim_x" d
    where not exists (
      select from "star"."dim_x_recorded" r where r."x_key" = d."x_key" and r."recorded_to" = 'infinity');
  end if;
end
$whc$;
-- prepare
create temporary table "whc_backfill" on commit drop
  as (
select * from x
  );
-- change
update "star"."dim_x" d
set "c" = b."c", "current_c" = b."c"
from (
  select distinct on (x."id") x."id", x."c"
from pg_temp.whc_backfill x
order by x."id", x."at" desc
) b
where b."id" = d."id";
-- prepare
create temporary table whc_run on commit drop as
select (clock_timestamp())::timestamp without time zone as at;
-- main, counts the rows
create temporary table whc_delta on commit drop as
with whc_source as materialized (
select * from x

), whc_pair as (
  select d.ctid as whc_tid,
  (s."id" is not null or d.ctid is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '-infinity'::timestamp without time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (s."c" is distinct from d."c"
    or s."c" is distinct from d."current_c") as whc_overwrites,
  s."at"::timestamp without time zone as whc_effective,
  coalesce(s."id", d."id") as "id",
  s."a",
  s."c",
  s."c" as "current_c"
  from whc_source s
  full join (select ctid, * from "star"."dim_x" x where x."is_current") d
  on s."id" = d."id"
where d.ctid is null
  or s."id" is null
  or s."at" is null
  or s."at" < coalesce(d."stated_at", d."valid_from")
  or s."a" is distinct from d."a"
    or s."c" is distinct from d."c"
), whc_versions as (
  select count(*) as whc_current, null::tid[] as whc_past
  from "star"."dim_x" x where x."is_current" and (select not exists (select from whc_pair where whc_tid is null))
  union all
  select count(*) filter (where x."is_current"),
    array_agg(x.ctid) filter (where not x."is_current" and p."id" is not null)
  from "star"."dim_x" x
  left join (select distinct n."id" from whc_pair n where n.whc_tid is null) p
    on p."id" = x."id"
  where (select exists (select from whc_pair where whc_tid is null))
), whc_several as (
  select s."id"
  from whc_source s
  where (select (select count(*) from whc_source)
      - (select count(*) from whc_pair where whc_tid is null)
      <> (select sum(whc_current) from whc_versions)
      - (select count(*) from whc_pair where not whc_here))
  group by s."id" having count(*) > 1
  union
  select p."id"
  from whc_pair p
  where p.whc_tid is null
  group by p."id" having count(*) > 1
)
select p.*, r.whc_returns is true as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."id", true as whc_returns
  from "star"."dim_x" x
  where x.ctid = any ((select whc_past from whc_versions where whc_past is not null)::tid[])
) r on p.whc_tid is null and r."id" = p."id"
union all
select null::tid, true, null::timestamp without time zone, null::timestamp without time zone, false, false, false, s."at"::timestamp without time zone, s."id", s."a", s."c", s."c", false, true
from whc_source s
join whc_several m on m."id" = s."id";
-- analyze
analyze pg_temp.whc_delta (whc_tid, "id");
-- prepare
create temporary table whc_stage on commit drop as
select x."id", x.whc_effective as "at", x."a" as "a", x."c" as "c"
from pg_temp.whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several on commit drop as
select distinct s."id" from pg_temp.whc_stage s;
-- prepare
delete from pg_temp.whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_x have no natural key (id is NULL)
select count(*) over () as rows, x."id", x."a", x."c"
from pg_temp.whc_delta x
where (x."id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_x do not say from when they hold (at is NULL)
select count(*) over () as rows, x."id", x."a", x."c"
from pg_temp.whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_x is stated twice for one time
select count(*) over () as keys, s."id", s."at", count(*) as rows
from pg_temp.whc_stage s
join pg_temp.whc_several m on m."id" = s."id"
group by s."id", s."at" having count(*) > 1
order by count(*) desc, s."id"
limit 5;
-- prepare
create temporary table whc_touched on commit drop as
select s."id" from pg_temp.whc_several s
union
select x."id" from pg_temp.whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."id" from pg_temp.whc_delta x where x.whc_returns
union
select x."id" from pg_temp.whc_delta x
join "star"."dim_x__ledger" g on g."id" = x."id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."id" from pg_temp.whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from pg_temp.whc_run);
-- prepare
insert into pg_temp.whc_stage
select x."id", x.whc_effective as "at", x."a" as "a", x."c" as "c"
from pg_temp.whc_delta x
where x.whc_here
  and exists (select 1 from pg_temp.whc_touched t where t."id" = x."id")
  and not exists (select 1 from pg_temp.whc_several m where m."id" = x."id");
-- prepare
delete from pg_temp.whc_delta x
where not x.whc_here and (x.whc_inferred or x.whc_deleted);
-- prepare
delete from pg_temp.whc_delta x using pg_temp.whc_touched t
where t."id" = x."id";
-- audit broken-history: rows mean that the history of dim_x would have overlapping versions
select count(*) over () as offences, "id", count(*) as versions
from pg_temp.whc_delta x
where x.whc_tid is not null
group by "id"
having count(*) > 1 or bool_or(x.whc_from >= case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end)
limit 5;
-- change
update "star"."dim_x" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end, "is_current" = false
from pg_temp.whc_delta x
where d.ctid = x.whc_tid;
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
  select x.*, case when x.whc_here then x.whc_effective else (select at from pg_temp.whc_run) end as whc_begins
  from pg_temp.whc_delta x
  where x.whc_here
) x;
-- analyze
analyze pg_temp.whc_touched;
-- prepare
create temporary table whc_stored on commit drop as
select d.ctid as whc_tid, d."x_key" as whc_key, d."id",
  d."a", d."c", d."current_c",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, case when d."valid_from" = '-infinity'::timestamp without time zone and (coalesce(d."stated_at", d."valid_from") >= d."valid_to") is not true
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_x" d
join pg_temp.whc_touched t on t."id" = d."id"
left join (select distinct x."id", true as whc_here from pg_temp.whc_stage x) s
  on s."id" = d."id";
-- prepare
create temporary table whc_events on commit drop as
with unit as (
  select s."id", s."a", s."c", s."at"::timestamp without time zone as whc_stated,
    row_number() over (partition by s."id" order by s."at"::timestamp without time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from pg_temp.whc_stage s
  join pg_temp.whc_touched t on t."id" = s."id"
  left join (
    select o."id", case when r."id" is not null then r."a" else o."a" end as "a", case when r."id" is not null then r."c" else o."c" end as "c", true as whc_is_there
    from pg_temp.whc_stored o
          left join pg_temp.whc_stage r on r."id" = o."id" and r."at"::timestamp without time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."id" = s."id"
          and row(s."a", s."c") is not distinct from row(o."a", o."c")
),
state as (
  select t."id", max(o.whc_at) filter (where o.whc_real) as whc_newest,
    bool_or(o.whc_from = '-infinity'::timestamp without time zone) as whc_always,
    case when (bool_or(o.whc_current and o.whc_real)) is not true
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(o.whc_from) filter (where o.whc_current and not o.whc_real and o.whc_deleted) as whc_recorded
  from pg_temp.whc_touched t
  left join pg_temp.whc_stored o on o."id" = t."id"
  left join (
      select g."id", max(g.at) as at
      from "star"."dim_x__ledger" g where g.kind = 'deleted' group by g."id"
    ) g on g."id" = t."id"
  group by t."id"
),
known as (
  select distinct o."id", o.whc_stated from pg_temp.whc_stored o
  where o.whc_real
),
event as (
  select o."id", case when u.whc_stated is null then o."a" else u."a" end as "a", case when u.whc_stated is null then o."c" else u."c" end as "c", case when o.whc_at >= (select at from pg_temp.whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from pg_temp.whc_stored o
  left join unit u on u."id" = o."id" and u.whc_stated = o.whc_stated
  left join state k on k."id" = o."id"
  where o.whc_real
    and (o.whc_from < (select at from pg_temp.whc_run) or o.whc_here)
  union all
  select u."id", u."a", u."c", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from pg_temp.whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."id" = u."id"
    left join known n on n."id" = u."id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."id" = u."id"
  where (u.whc_last and u.whc_at < k.whc_newest and u.whc_moved) is not true
  union all
  select o."id", null::character varying(20), null::text, o.whc_to, o.whc_to, false, true, false, false, false
  from pg_temp.whc_stored o
  where not o.whc_current and o.whc_next is distinct from o.whc_to and o.whc_real
  union all
  select g."id", null::character varying(20), null::text, g.at, g.at, false, true, false, false, false
  from "star"."dim_x__ledger" g
  join pg_temp.whc_touched t on t."id" = g."id"
  where g.kind = 'deleted'
  union all
  select distinct o."id", null::character varying(20), null::text, (select at from pg_temp.whc_run), (select at from pg_temp.whc_run), false, false, false, false, false
  from pg_temp.whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and row(e."a", e."c") is not distinct from row(lag(e."a") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc), lag(e."c") over (partition by e."id" order by e.whc_at, e.whc_version, e.whc_stored desc)), false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain on commit drop as
with valued as (
  select e."id", e."a", e."c", first_value(e."c") over (partition by e."id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "current_c",
      e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from pg_temp.whc_events e
), line as (
  select v."id", v."a", v."c", v."current_c", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."id" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."id") = 1 as whc_always,
    min(v.whc_at) filter (where v.whc_version) over (partition by v."id") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '-infinity'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d.ctid as whc_tid, f."id", f.whc_from, 
  f."a" as "a", f."c" as "c", f."current_c" as "current_c", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d.ctid is not null and (d."a" is distinct from f."a" or d."c" is distinct from f."c" or d."current_c" is distinct from f."current_c" or d."valid_to" is distinct from coalesce(f.whc_to, null::timestamp without time zone) or d."is_current" is distinct from (f.whc_to is null) or d."stated_at" is distinct from nullif(f.whc_stated, f.whc_from)) as whc_changed
from version f
left join pg_temp.whc_stored o on o."id" = f."id" and o.whc_from = f.whc_from
left join "star"."dim_x" d on d.ctid = o.whc_tid;
-- change
insert into "star"."dim_x__ledger" (kind, "id", at)
select 'deleted', e."id", e.whc_at
from pg_temp.whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
insert into "star"."dim_x__ledger" (kind, "id", at, surrogate_key)
select 'withdrawn', o."id", o.whc_from, o.whc_key
from pg_temp.whc_stored o
where not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_x__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_x" d
set "a" = c."a", "c" = c."c", "current_c" = c."current_c", "valid_to" = c."valid_to", "is_current" = c."is_current", "stated_at" = c."stated_at"
from pg_temp.whc_chain c
where d.ctid = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_x" d using pg_temp.whc_stored o
where d.ctid = o.whc_tid and d."x_key" = o.whc_key and not o.whc_inferred and not exists (select 1 from pg_temp.whc_chain c where c.whc_tid = o.whc_tid);
-- change
insert into "star"."dim_x" ("x_key", "id", "valid_from", "a", "c", "current_c", "valid_to", "is_current", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("x_key") from "star"."dim_x"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_x__ledger"), 0), 0))
    + row_number() over (order by c."id", c.whc_from)),
  c."id", c.whc_from, c."a", c."c", c."current_c", c."valid_to", c."is_current", c."stated_at"
from pg_temp.whc_chain c
left join (
  select distinct on (w.surrogate_key) w."id", w.at, w.surrogate_key
from "star"."dim_x__ledger" w where w.kind = 'withdrawn'
order by w.surrogate_key
) g
  on g."id" = c."id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_x would not hold together
with version as (
  select d."id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."id" order by d."valid_from") as whc_next, count(*) over (partition by d."x_key") as whc_shares
  from "star"."dim_x" d
  join pg_temp.whc_touched t on t."id" = d."id"
)
select count(*) over () as offences, v."id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."id", x.whc_at from pg_temp.whc_events x where not x.whc_version
) e on e."id" = v."id" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
commit;
