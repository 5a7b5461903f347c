-- model.shop.dim_member

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."dim_member";
-- prepare
create table if not exists "star"."dim_member__ledger" (
  kind text not null,
  "member_id" integer,
  at timestamp without time zone,
  surrogate_key bigint
);
-- comment
comment on table "star"."dim_member__ledger" is 'What dim_member must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_member";
-- change
insert into "star"."dim_member" ("member_key", "member_id", "name", "agent_id", "joined_on", "valid_from", "valid_to", "is_current")
select -1, '-1'::integer, 'Unknown'::text, null::integer, null::date, '1900-01-01'::timestamp without time zone, null::timestamp without time zone, true
where not exists (select 1 from "star"."dim_member" where "member_key" = -1);
-- change
insert into "star"."dim_member" ("member_key", "member_id", "name", "agent_id", "joined_on", "valid_from", "valid_to", "is_current")
select -2, '-2'::integer, 'Not applicable'::text, null::integer, null::date, '1900-01-01'::timestamp without time zone, null::timestamp without time zone, true
where not exists (select 1 from "star"."dim_member" where "member_key" = -2);
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
  select d."member_key" as whc_tid,
  (s."member_id" is not null or d."member_key" is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (false) as whc_overwrites,
  s."changed_at"::timestamp without time zone as whc_effective,
  coalesce(s."member_id", d."member_id") as "member_id",
  s."name",
  s."agent_id",
  s."joined_on"
  from whc_source s
  full join (select * from "star"."dim_member" x where x."is_current" and x."member_key" not in (-1, -2)) d
  on s."member_id" = d."member_id"
where d."member_key" is null
  or s."member_id" is null
  or s."changed_at" is null
  or s."changed_at" < coalesce(d."stated_at", d."valid_from")
  or case when s."name" = d."name" or (s."name" is null and d."name" is null) then false else true end
    or case when s."agent_id" = d."agent_id" or (s."agent_id" is null and d."agent_id" is null) then false else true end
    or case when s."joined_on" = d."joined_on" or (s."joined_on" is null and d."joined_on" is null) then false else true end
)
select p.*, coalesce(r.whc_returns, false) as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."member_id", true as whc_returns
  from "star"."dim_member" x
  where not x."is_current"
) r on p.whc_tid is null and r."member_id" = p."member_id"
union all
select null::bigint, true, null::timestamp without time zone, null::timestamp without time zone, false, false, false, s."changed_at"::timestamp without time zone, s."member_id", s."name", s."agent_id", s."joined_on", false, true
from whc_source s
join (
  select x."member_id" from whc_source x group by x."member_id" having count(*) > 1
) m on m."member_id" = s."member_id";
-- prepare
create temporary table whc_stage as
select x."member_id", x.whc_effective as "changed_at", x."name" as "name", x."agent_id" as "agent_id", x."joined_on" as "joined_on"
from whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several as
select distinct s."member_id" from whc_stage s;
-- prepare
delete from whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_member have no natural key (member_id is NULL)
select count(*) over () as rows, x."member_id", x."name", x."agent_id", x."joined_on"
from whc_delta x
where (x."member_id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_member do not say from when they hold (changed_at is NULL)
select count(*) over () as rows, x."member_id", x."name", x."agent_id", x."joined_on"
from whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_member is stated twice for one time
select count(*) over () as keys, s."member_id", s."changed_at", count(*) as rows
from whc_stage s
join whc_several m on m."member_id" = s."member_id"
group by s."member_id", s."changed_at" having count(*) > 1
order by count(*) desc, s."member_id"
limit 5;
-- audit member-key-in-source: rows mean that dim_member has a row in its source with the key of one of its members
select count(*) over () as rows, x."member_id"
from whc_delta x
where ((x."member_id" = '-1'::integer) or (x."member_id" = '-2'::integer)) and x.whc_here
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
join "star"."dim_member__ledger" g on g."member_id" = x."member_id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."member_id" from whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from whc_run);
-- prepare
insert into whc_stage
select x."member_id", x.whc_effective as "changed_at", x."name" as "name", x."agent_id" as "agent_id", x."joined_on" as "joined_on"
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
-- audit broken-history: rows mean that the history of dim_member would have overlapping versions
select count(*) over () as offences, "member_id", count(*) as versions
from whc_delta x
where x.whc_tid is not null
group by "member_id"
having count(*) > 1 or bool_or(x.whc_from >= case when x.whc_here then x.whc_effective else (select at from whc_run) end)
limit 5;
-- change
update "star"."dim_member" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from whc_run) end, "is_current" = false
from whc_delta x
where d."member_key" = x.whc_tid;
-- change
insert into "star"."dim_member" ("member_key", "member_id", "name", "agent_id", "joined_on", "valid_from", "valid_to", "is_current", "stated_at")
select (select greatest(coalesce((select max("member_key") from "star"."dim_member"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_member__ledger"), 0), 0))
    + row_number() over (),
  x."member_id",
  x."name",
  x."agent_id",
  x."joined_on",
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
select d."member_key" as whc_tid, d."member_key" as whc_key, d."member_id",
  d."name", d."agent_id", d."joined_on",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_member" d
join whc_touched t on t."member_id" = d."member_id"
left join (select distinct x."member_id", true as whc_here from whc_stage x) s
  on s."member_id" = d."member_id";
-- prepare
create temporary table whc_events as
with unit as (
  select s."member_id", s."name", s."agent_id", s."joined_on", s."changed_at"::timestamp without time zone as whc_stated,
    row_number() over (partition by s."member_id" order by s."changed_at"::timestamp without time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from whc_stage s
  join whc_touched t on t."member_id" = s."member_id"
  left join (
    select o."member_id", case when r."member_id" is not null then r."name" else o."name" end as "name", case when r."member_id" is not null then r."agent_id" else o."agent_id" end as "agent_id", case when r."member_id" is not null then r."joined_on" else o."joined_on" end as "joined_on", true as whc_is_there
    from whc_stored o
          left join whc_stage r on r."member_id" = o."member_id" and r."changed_at"::timestamp without time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."member_id" = s."member_id"
          and case when s."name" = o."name" or (s."name" is null and o."name" is null) then true else false end
  and case when s."agent_id" = o."agent_id" or (s."agent_id" is null and o."agent_id" is null) then true else false end
  and case when s."joined_on" = o."joined_on" or (s."joined_on" is null and o."joined_on" is null) then true else false end
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
      from "star"."dim_member__ledger" g where g.kind = 'deleted' group by g."member_id"
    ) g on g."member_id" = t."member_id"
  group by t."member_id"
),
known as (
  select distinct o."member_id", o.whc_stated from whc_stored o
  where o.whc_real
),
event as (
  select o."member_id", case when u.whc_stated is null then o."name" else u."name" end as "name", case when u.whc_stated is null then o."agent_id" else u."agent_id" end as "agent_id", case when u.whc_stated is null then o."joined_on" else u."joined_on" end as "joined_on", case when o.whc_at >= (select at from whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from whc_stored o
  left join unit u on u."member_id" = o."member_id" and u.whc_stated = o.whc_stated
  left join state k on k."member_id" = o."member_id"
  where o.whc_real
    and (o.whc_from < (select at from whc_run) or o.whc_here)
  union all
  select u."member_id", u."name", u."agent_id", u."joined_on", u.whc_at, u.whc_stated, true, false, true,
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
  select o."member_id", null::text, null::integer, null::date, o.whc_to, o.whc_to, false, true, false, false, false
  from whc_stored o
  where not o.whc_current and case when o.whc_next = o.whc_to or (o.whc_next is null and o.whc_to is null) then false else true end and o.whc_real
  union all
  select g."member_id", null::text, null::integer, null::date, g.at, g.at, false, true, false, false, false
  from "star"."dim_member__ledger" g
  join whc_touched t on t."member_id" = g."member_id"
  where g.kind = 'deleted'
  union all
  select distinct o."member_id", null::text, null::integer, null::date, (select at from whc_run), (select at from whc_run), false, false, false, false, false
  from whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and case when e."name" = lag(e."name") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."name" is null and lag(e."name") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end
  and case when e."agent_id" = lag(e."agent_id") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."agent_id" is null and lag(e."agent_id") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end
  and case when e."joined_on" = lag(e."joined_on") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."joined_on" is null and lag(e."joined_on") over (partition by e."member_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end, false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain as
with valued as (
  select e."member_id", e."name", e."agent_id", e."joined_on", e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from whc_events e
), line as (
  select v."member_id", v."name", v."agent_id", v."joined_on", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
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
select d."member_key" as whc_tid, f."member_id", f.whc_from, 
  f."name" as "name", f."agent_id" as "agent_id", f."joined_on" as "joined_on", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d."member_key" is not null and (case when d."name" = f."name" or (d."name" is null and f."name" is null) then false else true end or case when d."agent_id" = f."agent_id" or (d."agent_id" is null and f."agent_id" is null) then false else true end or case when d."joined_on" = f."joined_on" or (d."joined_on" is null and f."joined_on" is null) then false else true end or case when d."valid_to" = coalesce(f.whc_to, null::timestamp without time zone) or (d."valid_to" is null and coalesce(f.whc_to, null::timestamp without time zone) is null) then false else true end or case when d."is_current" = (f.whc_to is null) or (d."is_current" is null and (f.whc_to is null) is null) then false else true end or case when d."stated_at" = nullif(f.whc_stated, f.whc_from) or (d."stated_at" is null and nullif(f.whc_stated, f.whc_from) is null) then false else true end) as whc_changed
from version f
left join whc_stored o on o."member_id" = f."member_id" and o.whc_from = f.whc_from
left join "star"."dim_member" d on d."member_key" = o.whc_tid;
-- change
insert into "star"."dim_member__ledger" (kind, "member_id", at)
select 'deleted', e."member_id", e.whc_at
from whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
insert into "star"."dim_member__ledger" (kind, "member_id", at, surrogate_key)
select 'withdrawn', o."member_id", o.whc_from, o.whc_key
from whc_stored o
where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_member__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_member" d
set "name" = c."name", "agent_id" = c."agent_id", "joined_on" = c."joined_on", "valid_to" = c."valid_to", "is_current" = c."is_current", "stated_at" = c."stated_at"
from whc_chain c
where d."member_key" = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_member"
where "member_key" in (
  select o.whc_key from whc_stored o where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid));
-- change
insert into "star"."dim_member" ("member_key", "member_id", "valid_from", "name", "agent_id", "joined_on", "valid_to", "is_current", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("member_key") from "star"."dim_member"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_member__ledger"), 0), 0))
    + row_number() over (order by c."member_id", c.whc_from)),
  c."member_id", c.whc_from, c."name", c."agent_id", c."joined_on", c."valid_to", c."is_current", c."stated_at"
from whc_chain c
left join (
  select whc_row."member_id", whc_row.at, whc_row.surrogate_key
from (
  select w."member_id", w.at, w.surrogate_key, row_number() over (partition by w.surrogate_key order by w.surrogate_key) as whc_nth
  from "star"."dim_member__ledger" w where w.kind = 'withdrawn'
) whc_row
where whc_row.whc_nth = 1
) g
  on g."member_id" = c."member_id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_member would not hold together
with version as (
  select d."member_id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."member_id" order by d."valid_from") as whc_next, count(*) over (partition by d."member_key") as whc_shares
  from "star"."dim_member" d
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
update "star"."dim_member" d
set "agent_key" = n.whc_1, "joined_date_key" = n.whc_2, "current_member_profile_key" = n.whc_3
from (
  select v."member_key" as whc_tid, case v."member_key" when -1 then coalesce(v."agent_key", -1::bigint) when -2 then coalesce(v."agent_key", -2::bigint) else coalesce(o1."agent_key", -1::bigint) end as whc_1,
    case v."member_key" when -1 then coalesce(v."joined_date_key", -1::integer) when -2 then coalesce(v."joined_date_key", -2::integer) else o2."date_key" end as whc_2,
    case v."member_key" when -1 then coalesce(v."current_member_profile_key", -1::bigint) when -2 then coalesce(v."current_member_profile_key", -2::bigint) else coalesce(o3."member_profile_key", -1::bigint) end as whc_3
  from "star"."dim_member" v
  left join (
  select whc_row."agent_id", whc_row."agent_key"
from (
  select x."agent_id", x."agent_key", row_number() over (partition by x."agent_id" order by x."valid_from" desc) as whc_nth
  from "star"."dim_agent" x
) whc_row
where whc_row.whc_nth = 1
  ) o1 on v."agent_id" = o1."agent_id"
  left join "star"."dim_date" o2 on v."joined_on" = o2."date"
  left join (
  select whc_row."member_id", whc_row."member_profile_key"
from (
  select x."member_id", x."member_profile_key", row_number() over (partition by x."member_id" order by x."valid_from" desc) as whc_nth
  from "star"."dim_member_profile__history" x
) whc_row
where whc_row.whc_nth = 1
  ) o3 on v."member_id" = o3."member_id"
) n
where d."member_key" = n.whc_tid and (case when d."agent_key" = n.whc_1 or (d."agent_key" is null and n.whc_1 is null) then false else true end or case when d."joined_date_key" = n.whc_2 or (d."joined_date_key" is null and n.whc_2 is null) then false else true end or case when d."current_member_profile_key" = n.whc_3 or (d."current_member_profile_key" is null and n.whc_3 is null) then false else true end);
-- audit missing-dimension-row: rows mean that rows of dim_member have a key that dim_date does not know
select count(*) over () as rows, d."member_id", d."joined_on"
from "star"."dim_member" d
where d."joined_date_key" is null and not false and d."member_key" not in (-1, -2)
order by d."member_id"
limit 5;
-- cleanup
drop table if exists whc_run, "whc_source", whc_delta, whc_stage, whc_several, whc_touched, whc_stored, whc_events, whc_chain;
commit;
