-- model.shop.dim_member_profile
-- surrogate_key is proved: a key is given to a new combination, once

-- one transaction; may be sent again
begin;
-- prepare
create table if not exists "star"."dim_member_profile" (
  "member_profile_key" bigint not null,
  "age_band" text,
  "income" numeric(12,2)
);
-- lock
lock table "star"."dim_member_profile";
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
  "age_band" varchar(65535),
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
lock table "star"."dim_member_profile__history";
-- prepare
create temporary table whc_run as
select (greatest(getdate(), sysdate))::timestamp without time zone as at;
-- main
create temporary table "whc_source"
  as (
select * from staging.stg_members
  );
-- prepare
create temporary table whc_delta as
with whc_pair as (
  select d."history_key" as whc_tid,
  (s."member_id" is not null or d."history_key" is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (false) as whc_overwrites,
  s."changed_at"::timestamp without time zone as whc_effective,
  coalesce(s."member_id", d."member_id") as "member_id",
  s."age_band",
  s."income"
  from whc_source s
  full join (select * from "star"."dim_member_profile__history" x where x."is_current") d
  on s."member_id" = d."member_id"
where d."history_key" is null
  or s."member_id" is null
  or s."changed_at" is null
  or s."changed_at" < coalesce(d."stated_at", d."valid_from")
  or case when s."age_band" = d."age_band" or (s."age_band" is null and d."age_band" is null) then false else true end
    or case when s."income" = d."income" or (s."income" is null and d."income" is null) then false else true end
)
select p.*, coalesce(r.whc_returns, false) as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."member_id", true as whc_returns
  from "star"."dim_member_profile__history" x
  where not x."is_current"
) r on p.whc_tid is null and r."member_id" = p."member_id"
union all
select null::bigint, true, null::timestamp without time zone, null::timestamp without time zone, false, false, false, s."changed_at"::timestamp without time zone, s."member_id", s."age_band", s."income", false, true
from whc_source s
join (
  select x."member_id" from whc_source x group by x."member_id" having count(*) > 1
) m on m."member_id" = s."member_id";
-- prepare
create temporary table whc_stage as
select x."member_id", x.whc_effective as "changed_at", x."age_band" as "age_band", x."income" as "income"
from whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several as
select distinct s."member_id" from whc_stage s;
-- prepare
delete from whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_member_profile have no natural key (member_id is NULL)
select count(*) over () as rows, x."member_id", x."age_band", x."income"
from whc_delta x
where (x."member_id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_member_profile do not say from when they hold (changed_at is NULL)
select count(*) over () as rows, x."member_id", x."age_band", x."income"
from whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_member_profile is stated twice for one time
select count(*) over () as keys, s."member_id", s."changed_at", count(*) as rows
from whc_stage s
join whc_several m on m."member_id" = s."member_id"
group by s."member_id", s."changed_at" having count(*) > 1
order by count(*) desc, s."member_id"
limit 5;
-- prepare
create temporary table whc_touched as
select s."member_id" from whc_several s
union
select x."member_id" from whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."member_id" from whc_delta x where x.whc_returns
union
select x."member_id" from whc_delta x
join "star"."dim_member_profile__history__ledger" g on g."member_id" = x."member_id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."member_id" from whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from whc_run);
-- prepare
insert into whc_stage
select x."member_id", x.whc_effective as "changed_at", x."age_band" as "age_band", x."income" as "income"
from whc_delta x
where x.whc_here
  and exists (select 1 from whc_touched t where t."member_id" = x."member_id")
  and not exists (select 1 from whc_several m where m."member_id" = x."member_id");
-- prepare
delete from whc_delta
where not whc_delta.whc_here and (whc_delta.whc_inferred or whc_delta.whc_deleted);
-- prepare
delete from whc_delta using whc_touched t
where t."member_id" = whc_delta."member_id";
-- audit broken-history: rows mean that the history of dim_member_profile would have overlapping versions
select count(*) over () as offences, "member_id", count(*) as versions
from whc_delta x
where x.whc_tid is not null
group by "member_id"
having count(*) > 1 or bool_or(x.whc_from >= case when x.whc_here then x.whc_effective else (select at from whc_run) end)
limit 5;
-- change
update "star"."dim_member_profile__history" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from whc_run) end, "is_current" = false
from whc_delta x
where d."history_key" = x.whc_tid;
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
  select x.*, case when x.whc_here then x.whc_effective else (select at from whc_run) end as whc_begins
  from whc_delta x
  where x.whc_here
) x;
-- prepare
create temporary table whc_stored as
select d."history_key" as whc_tid, d."history_key" as whc_key, d."member_id",
  d."age_band", d."income",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_member_profile__history" d
join whc_touched t on t."member_id" = d."member_id"
left join (select distinct x."member_id", true as whc_here from whc_stage x) s
  on s."member_id" = d."member_id";
-- prepare
create temporary table whc_events as
with unit as (
  select s."member_id", s."age_band", s."income", s."changed_at"::timestamp without time zone as whc_stated,
    row_number() over (partition by s."member_id" order by s."changed_at"::timestamp without time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from whc_stage s
  join whc_touched t on t."member_id" = s."member_id"
  left join (
    select o."member_id", case when r."member_id" is not null then r."age_band" else o."age_band" end as "age_band", case when r."member_id" is not null then r."income" else o."income" end as "income", true as whc_is_there
    from whc_stored o
          left join whc_stage r on r."member_id" = o."member_id" and r."changed_at"::timestamp without time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."member_id" = s."member_id"
          and case when s."age_band" = o."age_band" or (s."age_band" is null and o."age_band" is null) then true else false end
  and case when s."income" = o."income" or (s."income" is null and o."income" is null) then true else false end
),
state as (
  select t."member_id", max(case when o.whc_real then o.whc_at end) as whc_newest,
    bool_or(o.whc_from = '1900-01-01'::timestamp without time zone) as whc_always,
    case when not coalesce(bool_or(o.whc_current and o.whc_real), false)
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(case when o.whc_current and not o.whc_real and o.whc_deleted then o.whc_from end) as whc_recorded
  from whc_touched t
  left join whc_stored o on o."member_id" = t."member_id"
  left join (
      select g."member_id", max(g.at) as at
      from "star"."dim_member_profile__history__ledger" g where g.kind = 'deleted' group by g."member_id"
    ) g on g."member_id" = t."member_id"
  group by t."member_id"
),
known as (
  select distinct o."member_id", o.whc_stated from whc_stored o
  where o.whc_real
),
event as (
  select o."member_id", case when u.whc_stated is null then o."age_band" else u."age_band" end as "age_band", case when u.whc_stated is null then o."income" else u."income" end as "income", case when o.whc_at >= (select at from whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from whc_stored o
  left join unit u on u."member_id" = o."member_id" and u.whc_stated = o.whc_stated
  left join state k on k."member_id" = o."member_id"
  where o.whc_real
    and (o.whc_from < (select at from whc_run) or o.whc_here)
  union all
  select u."member_id", u."age_band", u."income", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."member_id" = u."member_id"
    left join known n on n."member_id" = u."member_id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."member_id" = u."member_id"
  where not coalesce(u.whc_last and u.whc_at < k.whc_newest and u.whc_moved, false)
  union all
  select o."member_id", null::text, null::numeric(12,2), o.whc_to, o.whc_to, false, true, false, false, false
  from whc_stored o
  where not o.whc_current and case when o.whc_next = o.whc_to or (o.whc_next is null and o.whc_to is null) then false else true end and o.whc_real
  union all
  select g."member_id", null::text, null::numeric(12,2), g.at, g.at, false, true, false, false, false
  from "star"."dim_member_profile__history__ledger" g
  join whc_touched t on t."member_id" = g."member_id"
  where g.kind = 'deleted'
  union all
  select distinct o."member_id", null::text, null::numeric(12,2), (select at from whc_run), (select at from whc_run), false, false, false, false, false
  from whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and case when e."age_band" = lag(e."age_band") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."age_band" is null and lag(e."age_band") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end
  and case when e."income" = lag(e."income") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."income" is null and lag(e."income") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end, false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain as
with valued as (
  select e."member_id", e."age_band", e."income", e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from whc_events e
), line as (
  select v."member_id", v."age_band", v."income", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."member_id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."member_id" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."member_id") = 1 as whc_always,
    min(case when v.whc_version then v.whc_at end) over (partition by v."member_id") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '1900-01-01'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d."history_key" as whc_tid, f."member_id", f.whc_from, 
  f."age_band" as "age_band", f."income" as "income", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d."history_key" is not null and (case when d."age_band" = f."age_band" or (d."age_band" is null and f."age_band" is null) then false else true end or case when d."income" = f."income" or (d."income" is null and f."income" is null) then false else true end or case when d."valid_to" = coalesce(f.whc_to, null::timestamp without time zone) or (d."valid_to" is null and coalesce(f.whc_to, null::timestamp without time zone) is null) then false else true end or case when d."is_current" = (f.whc_to is null) or (d."is_current" is null and (f.whc_to is null) is null) then false else true end or case when d."stated_at" = nullif(f.whc_stated, f.whc_from) or (d."stated_at" is null and nullif(f.whc_stated, f.whc_from) is null) then false else true end) as whc_changed
from version f
left join whc_stored o on o."member_id" = f."member_id" and o.whc_from = f.whc_from
left join "star"."dim_member_profile__history" d on d."history_key" = o.whc_tid;
-- change
insert into "star"."dim_member_profile__history__ledger" (kind, "member_id", at)
select 'deleted', e."member_id", e.whc_at
from whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
insert into "star"."dim_member_profile__history__ledger" (kind, "member_id", at, surrogate_key)
select 'withdrawn', o."member_id", o.whc_from, o.whc_key
from whc_stored o
where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_member_profile__history__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_member_profile__history" d
set "age_band" = c."age_band", "income" = c."income", "valid_to" = c."valid_to", "is_current" = c."is_current", "stated_at" = c."stated_at"
from whc_chain c
where d."history_key" = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_member_profile__history"
where "history_key" in (
  select o.whc_key from whc_stored o where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid));
-- change
insert into "star"."dim_member_profile__history" ("history_key", "member_id", "valid_from", "age_band", "income", "valid_to", "is_current", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("history_key") from "star"."dim_member_profile__history"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_member_profile__history__ledger"), 0), 0))
    + row_number() over (order by c."member_id", c.whc_from)),
  c."member_id", c.whc_from, c."age_band", c."income", c."valid_to", c."is_current", c."stated_at"
from whc_chain c
left join (
  select whc_row."member_id", whc_row.at, whc_row.surrogate_key
from (
  select w."member_id", w.at, w.surrogate_key, row_number() over (partition by w.surrogate_key order by w.surrogate_key) as whc_nth
  from "star"."dim_member_profile__history__ledger" w where w.kind = 'withdrawn'
) whc_row
where whc_row.whc_nth = 1
) g
  on g."member_id" = c."member_id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_member_profile would not hold together
with version as (
  select d."member_id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_next, count(*) over (partition by d."history_key") as whc_shares
  from "star"."dim_member_profile__history" d
  join whc_touched t on t."member_id" = d."member_id"
)
select count(*) over () as offences, v."member_id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."member_id", x.whc_at from whc_events x where not x.whc_version
) e on e."member_id" = v."member_id" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
-- change
insert into "star"."dim_member_profile" ("member_profile_key", "age_band", "income")
select (select greatest(coalesce(max("member_profile_key"), 0), 0) from "star"."dim_member_profile")
    + row_number() over (order by coalesce(cast(length(cast(c."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(c."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(c."income" as varchar(65535))) as varchar(11)) || ':' || cast(c."income" as varchar(65535)), '-')), c."age_band", c."income"
from (
  select whc_row."age_band", whc_row."income"
from (
  select h."age_band", h."income", row_number() over (partition by coalesce(cast(length(cast(h."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(h."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(h."income" as varchar(65535))) as varchar(11)) || ':' || cast(h."income" as varchar(65535)), '-') order by coalesce(cast(length(cast(h."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(h."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(h."income" as varchar(65535))) as varchar(11)) || ':' || cast(h."income" as varchar(65535)), '-')) as whc_nth
  from "star"."dim_member_profile__history" h
where not exists (select 1 from "star"."dim_member_profile" m where coalesce(cast(length(cast(m."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(m."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(m."income" as varchar(65535))) as varchar(11)) || ':' || cast(m."income" as varchar(65535)), '-') = coalesce(cast(length(cast(h."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(h."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(h."income" as varchar(65535))) as varchar(11)) || ':' || cast(h."income" as varchar(65535)), '-') and m."member_profile_key" not in (-1, -2))
) whc_row
where whc_row.whc_nth = 1
) c;
-- change
update "star"."dim_member_profile__history" h
set "member_profile_key" = m."member_profile_key"
from "star"."dim_member_profile" m
where coalesce(cast(length(cast(m."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(m."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(m."income" as varchar(65535))) as varchar(11)) || ':' || cast(m."income" as varchar(65535)), '-') = coalesce(cast(length(cast(h."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(h."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(h."income" as varchar(65535))) as varchar(11)) || ':' || cast(h."income" as varchar(65535)), '-') and m."member_profile_key" not in (-1, -2)
  and case when h."member_profile_key" = m."member_profile_key" or (h."member_profile_key" is null and m."member_profile_key" is null) then false else true end;
-- audit broken-combinations: rows mean that rows of dim_member_profile would not be one for each combination
select count(*) over () as offences, coalesce(cast(length(cast(m."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(m."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(m."income" as varchar(65535))) as varchar(11)) || ':' || cast(m."income" as varchar(65535)), '-') as combination, count(*) as rows
from "star"."dim_member_profile" m
where true and m."member_profile_key" not in (-1, -2)
group by coalesce(cast(length(cast(m."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(m."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(m."income" as varchar(65535))) as varchar(11)) || ':' || cast(m."income" as varchar(65535)), '-') having count(*) > 1
union all
select count(*) over (), coalesce(cast(length(cast(h."age_band" as varchar(65535))) as varchar(11)) || ':' || cast(h."age_band" as varchar(65535)), '-')
    || coalesce(cast(length(cast(h."income" as varchar(65535))) as varchar(11)) || ':' || cast(h."income" as varchar(65535)), '-'), 0
from "star"."dim_member_profile__history" h
where h."member_profile_key" is null
limit 5;
-- cleanup
drop table if exists whc_run, "whc_source", whc_delta, whc_stage, whc_several, whc_touched, whc_stored, whc_events, whc_chain;
commit;
