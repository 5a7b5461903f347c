-- model.shop.dim_agent

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."dim_agent";
-- prepare
create table if not exists "star"."dim_agent__ledger" (
  kind text not null,
  "agent_id" integer,
  at timestamp with time zone,
  surrogate_key bigint
);
-- comment
comment on table "star"."dim_agent__ledger" is 'What dim_agent must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_agent";
-- change
insert into "star"."dim_agent" ("agent_key", "agent_id", "team", "name", "desk", "previous_desk", "valid_from", "valid_to", "is_current")
select -1, '-1'::integer, 'Unknown'::text, 'Unknown'::text, 'Unknown'::text, 'Unknown'::text, '1900-01-01'::timestamp with time zone, null::timestamp with time zone, true
where not exists (select 1 from "star"."dim_agent" where "agent_key" = -1);
-- change
insert into "star"."dim_agent" ("agent_key", "agent_id", "team", "name", "desk", "previous_desk", "valid_from", "valid_to", "is_current")
select -2, '-2'::integer, 'Not applicable'::text, 'Not applicable'::text, 'Not applicable'::text, 'Not applicable'::text, '1900-01-01'::timestamp with time zone, null::timestamp with time zone, true
where not exists (select 1 from "star"."dim_agent" where "agent_key" = -2);
-- prepare
create temporary table whc_run as
select (greatest(getdate(), sysdate))::timestamp with time zone as at;
-- main
create temporary table "whc_source"
  as (
select * from staging.stg_agents
  );
-- prepare
create temporary table whc_delta as
with whc_pair as (
  select d."agent_key" as whc_tid,
  (s."agent_id" is not null or d."agent_key" is null) as whc_here,
  d."valid_from" as whc_from,
  d."valid_from" as whc_at,
  false as whc_deleted,
  false as whc_inferred,
  (case when s."name" = d."name" or (s."name" is null and d."name" is null) then false else true end
    or case when s."desk" = d."desk" or (s."desk" is null and d."desk" is null) then false else true end) as whc_overwrites,
  (select at from whc_run) as whc_effective,
  coalesce(s."agent_id", d."agent_id") as "agent_id",
  s."team",
  s."name",
  s."desk"
  from whc_source s
  full join (select * from "star"."dim_agent" x where x."is_current" and x."agent_key" not in (-1, -2)) d
  on s."agent_id" = d."agent_id"
where d."agent_key" is null
  or s."agent_id" is null
  or case when s."team" = d."team" or (s."team" is null and d."team" is null) then false else true end
    or case when s."name" = d."name" or (s."name" is null and d."name" is null) then false else true end
    or case when s."desk" = d."desk" or (s."desk" is null and d."desk" is null) then false else true end
)
select p.*, coalesce(r.whc_returns, false) as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."agent_id", true as whc_returns
  from "star"."dim_agent" x
  where not x."is_current"
) r on p.whc_tid is null and r."agent_id" = p."agent_id"
union all
select null::bigint, true, null::timestamp with time zone, null::timestamp with time zone, false, false, false, (select at from whc_run), s."agent_id", s."team", s."name", s."desk", false, true
from whc_source s
join (
  select x."agent_id" from whc_source x group by x."agent_id" having count(*) > 1
) m on m."agent_id" = s."agent_id";
-- prepare
create temporary table whc_stage as
select x."agent_id", x."team" as "team", x."name" as "name", x."desk" as "desk"
from whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several as
select distinct s."agent_id" from whc_stage s;
-- prepare
delete from whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_agent have no natural key (agent_id is NULL)
select count(*) over () as rows, x."agent_id", x."team", x."name", x."desk"
from whc_delta x
where (x."agent_id" is null) and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_agent stands in more than one row
select count(*) over () as keys, s."agent_id", count(*) as rows
from whc_stage s
join whc_several m on m."agent_id" = s."agent_id"
group by s."agent_id" having count(*) > 1
order by count(*) desc, s."agent_id"
limit 5;
-- audit member-key-in-source: rows mean that dim_agent has a row in its source with the key of one of its members
select count(*) over () as rows, x."agent_id"
from whc_delta x
where ((x."agent_id" = '-1'::integer) or (x."agent_id" = '-2'::integer)) and x.whc_here
limit 5;
-- prepare
create temporary table whc_touched as
select s."agent_id" from whc_several s
union
select x."agent_id" from whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."agent_id" from whc_delta x where x.whc_returns
union
select x."agent_id" from whc_delta x
join "star"."dim_agent__ledger" g on g."agent_id" = x."agent_id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."agent_id" from whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from whc_run);
-- prepare
insert into whc_stage
select x."agent_id", x."team" as "team", x."name" as "name", x."desk" as "desk"
from whc_delta x
where x.whc_here
  and exists (select 1 from whc_touched t where t."agent_id" = x."agent_id")
  and not exists (select 1 from whc_several m where m."agent_id" = x."agent_id");
-- prepare
delete from whc_delta
where not whc_delta.whc_here and (whc_delta.whc_inferred or whc_delta.whc_deleted);
-- prepare
delete from whc_delta using whc_touched t
where t."agent_id" = whc_delta."agent_id";
-- audit broken-history: rows mean that the history of dim_agent would have overlapping versions
select count(*) over () as offences, "agent_id", count(*) as versions
from whc_delta x
where x.whc_tid is not null
group by "agent_id"
having count(*) > 1 or bool_or(x.whc_from >= case when x.whc_here then x.whc_effective else (select at from whc_run) end)
limit 5;
-- prepare
create temporary table whc_before as
select whc_row."agent_id", whc_row."desk", whc_row."previous_desk", whc_row.whc_newest
from (
  select d."agent_id", d."desk", d."previous_desk", greatest(max(d."valid_from") over (partition by d."agent_id"), g.at) as whc_newest, row_number() over (partition by d."agent_id" order by d."agent_id") as whc_nth
  from "star"."dim_agent" d
join (select t."agent_id" from whc_touched t union select x."agent_id" from whc_delta x) s on s."agent_id" = d."agent_id"
left join (
  select g."agent_id", max(g.at) as at
  from "star"."dim_agent__ledger" g
  where g.kind in ('latest', 'unit')
  group by g."agent_id"
) g on g."agent_id" = d."agent_id"
where not false and d."agent_key" not in (-1, -2)
) whc_row
where whc_row.whc_nth = 1;
-- change
update "star"."dim_agent" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from whc_run) end, "is_current" = false
from whc_delta x
where d."agent_key" = x.whc_tid;
-- change
insert into "star"."dim_agent" ("agent_key", "agent_id", "team", "name", "desk", "valid_from", "valid_to", "is_current")
select (select greatest(coalesce((select max("agent_key") from "star"."dim_agent"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_agent__ledger"), 0), 0))
    + row_number() over (),
  x."agent_id",
  x."team",
  x."name",
  x."desk",
  x.whc_begins,
  null::timestamp with time zone,
  true
from (
  select x.*, case when x.whc_tid is null then '1900-01-01'::timestamp with time zone else case when x.whc_here then x.whc_effective else (select at from whc_run) end end as whc_begins
  from whc_delta x
  where x.whc_here
) x;
-- prepare
create temporary table whc_stored as
select d."agent_key" as whc_tid, d."agent_key" as whc_key, d."agent_id",
  d."team", d."name", d."desk",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  false as whc_inferred, false as whc_deleted,
  null::timestamp with time zone as whc_aside,
  d."valid_from" as whc_stated, d."valid_from" as whc_at,
  not false as whc_real,
  lead(d."valid_from") over (partition by d."agent_id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."agent_id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_agent" d
join whc_touched t on t."agent_id" = d."agent_id"
left join (select distinct x."agent_id", true as whc_here from whc_stage x) s
  on s."agent_id" = d."agent_id";
-- prepare
create temporary table whc_events as
with unit as (
  select s."agent_id", s."team", s."name", s."desk", (select at from whc_run) as whc_stated,
    row_number() over (partition by s."agent_id" order by (select at from whc_run) desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from whc_stage s
  join whc_touched t on t."agent_id" = s."agent_id"
  left join (
    select o."agent_id", o."team", true as whc_is_there
    from whc_stored o
    where o.whc_current and o.whc_real
  ) o on o."agent_id" = s."agent_id"
          and case when s."team" = o."team" or (s."team" is null and o."team" is null) then true else false end
),
state as (
  select t."agent_id", max(case when o.whc_real then o.whc_at end) as whc_newest,
    bool_or(o.whc_from = '1900-01-01'::timestamp with time zone) as whc_always,
    case when not coalesce(bool_or(o.whc_current and o.whc_real), false)
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(case when o.whc_current and not o.whc_real and o.whc_deleted then o.whc_from end) as whc_recorded
  from whc_touched t
  left join whc_stored o on o."agent_id" = t."agent_id"
  left join (
      select g."agent_id", max(g.at) as at
      from "star"."dim_agent__ledger" g where g.kind = 'deleted' group by g."agent_id"
    ) g on g."agent_id" = t."agent_id"
  group by t."agent_id"
),
known as (
  select distinct o."agent_id", o.whc_stated from whc_stored o
  where o.whc_real
),
event as (
  select o."agent_id", case when u.whc_stated is null then o."team" else u."team" end as "team", case when u.whc_stated is null then o."name" else u."name" end as "name", case when u.whc_stated is null then o."desk" else u."desk" end as "desk", case when o.whc_at >= (select at from whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from whc_stored o
  left join unit u on u."agent_id" = o."agent_id" and u.whc_stated = o.whc_stated
  left join state k on k."agent_id" = o."agent_id"
  where o.whc_real
    and (o.whc_from < (select at from whc_run) or o.whc_here)
  union all
  select u."agent_id", u."team", u."name", u."desk", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."agent_id" = u."agent_id"
    left join known n on n."agent_id" = u."agent_id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."agent_id" = u."agent_id"
  where not coalesce(u.whc_last and u.whc_at < k.whc_newest and u.whc_moved, false)
  union all
  select o."agent_id", null::text, null::text, null::text, o.whc_to, o.whc_to, false, true, false, false, false
  from whc_stored o
  where not o.whc_current and case when o.whc_next = o.whc_to or (o.whc_next is null and o.whc_to is null) then false else true end and o.whc_real
  union all
  select g."agent_id", null::text, null::text, null::text, g.at, g.at, false, true, false, false, false
  from "star"."dim_agent__ledger" g
  join whc_touched t on t."agent_id" = g."agent_id"
  where g.kind = 'deleted'
  union all
  select distinct o."agent_id", null::text, null::text, null::text, (select at from whc_run), (select at from whc_run), false, false, false, false, false
  from whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."agent_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."agent_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and case when e."team" = lag(e."team") over (partition by e."agent_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."team" is null and lag(e."team") over (partition by e."agent_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end, false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain as
with valued as (
  select e."agent_id", e."team", first_value(e."name") over (partition by e."agent_id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "name",
      first_value(e."desk") over (partition by e."agent_id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "desk",
      e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from whc_events e
), line as (
  select v."agent_id", v."team", v."name", v."desk", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."agent_id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."agent_id" order by v.whc_at, v.whc_version), false) as whc_follows,
    true as whc_always,
    min(case when v.whc_version then v.whc_at end) over (partition by v."agent_id") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '1900-01-01'::timestamp with time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d."agent_key" as whc_tid, f."agent_id", f.whc_from, 
  f."team" as "team", f."name" as "name", f."desk" as "desk", coalesce(f.whc_to, null::timestamp with time zone) as "valid_to", (f.whc_to is null) as "is_current",
  d."agent_key" is not null and (case when d."team" = f."team" or (d."team" is null and f."team" is null) then false else true end or case when d."name" = f."name" or (d."name" is null and f."name" is null) then false else true end or case when d."desk" = f."desk" or (d."desk" is null and f."desk" is null) then false else true end or case when d."valid_to" = coalesce(f.whc_to, null::timestamp with time zone) or (d."valid_to" is null and coalesce(f.whc_to, null::timestamp with time zone) is null) then false else true end or case when d."is_current" = (f.whc_to is null) or (d."is_current" is null and (f.whc_to is null) is null) then false else true end) as whc_changed
from version f
left join whc_stored o on o."agent_id" = f."agent_id" and o.whc_from = f.whc_from
left join "star"."dim_agent" d on d."agent_key" = o.whc_tid;
-- change
insert into "star"."dim_agent__ledger" (kind, "agent_id", at)
select 'deleted', e."agent_id", e.whc_at
from whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
insert into "star"."dim_agent__ledger" (kind, "agent_id", at, surrogate_key)
select 'withdrawn', o."agent_id", o.whc_from, o.whc_key
from whc_stored o
where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_agent__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_agent" d
set "team" = c."team", "name" = c."name", "desk" = c."desk", "valid_to" = c."valid_to", "is_current" = c."is_current"
from whc_chain c
where d."agent_key" = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_agent"
where "agent_key" in (
  select o.whc_key from whc_stored o where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid));
-- change
insert into "star"."dim_agent" ("agent_key", "agent_id", "valid_from", "team", "name", "desk", "valid_to", "is_current")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("agent_key") from "star"."dim_agent"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_agent__ledger"), 0), 0))
    + row_number() over (order by c."agent_id", c.whc_from)),
  c."agent_id", c.whc_from, c."team", c."name", c."desk", c."valid_to", c."is_current"
from whc_chain c
left join (
  select whc_row."agent_id", whc_row.at, whc_row.surrogate_key
from (
  select w."agent_id", w.at, w.surrogate_key, row_number() over (partition by w.surrogate_key order by w.surrogate_key) as whc_nth
  from "star"."dim_agent__ledger" w where w.kind = 'withdrawn'
) whc_row
where whc_row.whc_nth = 1
) g
  on g."agent_id" = c."agent_id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_agent would not hold together
with version as (
  select d."agent_id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."agent_id" order by d."valid_from") as whc_next, count(*) over (partition by d."agent_key") as whc_shares
  from "star"."dim_agent" d
  join whc_touched t on t."agent_id" = d."agent_id"
)
select count(*) over () as offences, v."agent_id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."agent_id", x.whc_at from whc_events x where not x.whc_version
) e on e."agent_id" = v."agent_id" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
-- prepare
create temporary table whc_previous_0 as
with present as (
  select whc_row."agent_id", whc_row."desk"
from (
  select d."agent_id", d."desk", row_number() over (partition by d."agent_id" order by d."agent_id") as whc_nth
  from "star"."dim_agent" d
join (select t."agent_id" from whc_touched t union select x."agent_id" from whc_delta x) s on s."agent_id" = d."agent_id"
where not false and d."agent_key" not in (-1, -2)
) whc_row
where whc_row.whc_nth = 1
), line as (
  select s."agent_id", s."desk", (select at from whc_run) as whc_at
  from whc_stage s
  left join whc_before b on b."agent_id" = s."agent_id"
  where not false and not coalesce(b.whc_newest > (select at from whc_run), false)
  union all
  select b."agent_id", b."desk", null::timestamp with time zone
  from whc_before b
  where not exists (
    select 1 from whc_stage s
    where s."agent_id" = b."agent_id" and not false and (select at from whc_run) = b.whc_newest)
), former as (
  select whc_row."agent_id", whc_row."desk"
from (
  select e."agent_id", e."desk", row_number() over (partition by e."agent_id" order by e.whc_at desc nulls last) as whc_nth
  from line e
join present c on c."agent_id" = e."agent_id" and case when e."desk" = c."desk" or (e."desk" is null and c."desk" is null) then false else true end
) whc_row
where whc_row.whc_nth = 1
)
select c."agent_id", case when f."agent_id" is not null then f."desk" else b."previous_desk" end as whc_previous
from present c
left join former f on f."agent_id" = c."agent_id"
left join whc_before b on b."agent_id" = c."agent_id";
-- change
update "star"."dim_agent" d
set "previous_desk" = n.whc_previous
from whc_previous_0 n
where n."agent_id" = d."agent_id" and case when d."previous_desk" = n.whc_previous or (d."previous_desk" is null and n.whc_previous is null) then false else true end;
-- change
update "star"."dim_agent" d set "agent_durable_key" = d."agent_key"
where d."agent_durable_key" is null and d."agent_key" in (-1, -2);
-- change
update "star"."dim_agent" d
set "agent_durable_key" = k.key
from (
  select x."agent_id", coalesce(min(x.durable), min(x.key)) as key
  from (
    select d."agent_id", d."agent_durable_key" as durable, d."agent_key" as key
    from "star"."dim_agent" d
    where not d."agent_key" in (-1, -2)
    union all
    select g."agent_id", null::bigint, g.surrogate_key from "star"."dim_agent__ledger" g where g.kind = 'withdrawn'
  ) x
  group by x."agent_id"
) k
where d."agent_durable_key" is null and not d."agent_key" in (-1, -2) and k."agent_id" = d."agent_id";
-- audit broken-durable-key: rows mean that rows of dim_agent would have no durable key
select count(*) over () as rows, d."agent_id"
from "star"."dim_agent" d
where d."agent_durable_key" is null
limit 5;
-- change
drop view if exists "star"."dim_agent_as_is" cascade;
-- change
create view "star"."dim_agent_as_is" as
select whc_row."agent_key", whc_row."agent_durable_key", whc_row."agent_id", whc_row."team", whc_row."name", whc_row."desk", whc_row."previous_desk", whc_row."valid_from", whc_row."valid_to", whc_row."is_current"
from (
  select d."agent_key", d."agent_durable_key", d."agent_id", d."team", d."name", d."desk", d."previous_desk", d."valid_from", d."valid_to", d."is_current", row_number() over (partition by d."agent_durable_key" order by d."valid_from" desc) as whc_nth
  from "star"."dim_agent" d
) whc_row
where whc_row.whc_nth = 1;
-- change
drop view if exists "star"."dim_agent_as_was" cascade;
-- change
create view "star"."dim_agent_as_was" as
select d.*
from "star"."dim_agent" d;
-- cleanup
drop table if exists whc_run, "whc_source", whc_delta, whc_stage, whc_several, whc_touched, whc_before, whc_stored, whc_events, whc_chain, whc_previous_0;
commit;
