-- model.shop.dim_customer

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."dim_customer";
-- prepare
create table if not exists "star"."dim_customer__ledger" (
  kind text not null,
  "customer_id" integer,
  at timestamp without time zone,
  surrogate_key bigint
);
-- comment
comment on table "star"."dim_customer__ledger" is 'What dim_customer must remember and does not show: withdrawn keys, deletions; kept by whc';
-- lock
lock table "star"."dim_customer";
-- change
insert into "star"."dim_customer" ("customer_key", "customer_id", "segment", "email", "city", "first_seen", "current_city", "valid_from", "valid_to", "is_current")
select -1, '-1'::integer, 'Unknown'::text, 'Unknown'::character varying(80), 'Unknown'::text, null::date, 'Unknown'::text, '1900-01-01'::timestamp without time zone, null::timestamp without time zone, true
where not exists (select 1 from "star"."dim_customer" where "customer_key" = -1);
-- change
insert into "star"."dim_customer" ("customer_key", "customer_id", "segment", "email", "city", "first_seen", "current_city", "valid_from", "valid_to", "is_current")
select -2, '-2'::integer, 'Not applicable'::text, 'Not applicable'::character varying(80), 'Not applicable'::text, null::date, 'Not applicable'::text, '1900-01-01'::timestamp without time zone, null::timestamp without time zone, true
where not exists (select 1 from "star"."dim_customer" where "customer_key" = -2);
-- prepare
create temporary table whc_run as
select (greatest(getdate(), sysdate))::timestamp without time zone as at;
-- main
create temporary table "whc_source"
  as (
select * from staging.stg_customers
  );
-- prepare
create temporary table whc_delta as
with whc_pair as (
  select d."customer_key" as whc_tid,
  (s."customer_id" is not null or d."customer_key" is null) as whc_here,
  d."valid_from" as whc_from,
  case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end as whc_at,
  false as whc_deleted,
  d."is_inferred" as whc_inferred,
  (case when s."email" = d."email" or (s."email" is null and d."email" is null) then false else true end
    or case when s."city" = d."city" or (s."city" is null and d."city" is null) then false else true end
    or case when s."city" = d."current_city" or (s."city" is null and d."current_city" is null) then false else true end) as whc_overwrites,
  s."updated_at"::timestamp without time zone as whc_effective,
  coalesce(s."customer_id", d."customer_id") as "customer_id",
  s."segment",
  s."email",
  s."city",
  case when d."customer_key" is null or d."is_inferred" then s."first_seen" else d."first_seen" end as "first_seen",
  s."city" as "current_city",
  s."first_seen" as whc_raw_0
  from whc_source s
  full join (select * from "star"."dim_customer" x where x."is_current" and x."customer_key" not in (-1, -2)) d
  on s."customer_id" = d."customer_id"
where d."customer_key" is null
  or s."customer_id" is null
  or d."is_inferred"
  or s."updated_at" is null
  or s."updated_at" < coalesce(d."stated_at", d."valid_from")
  or case when s."segment" = d."segment" or (s."segment" is null and d."segment" is null) then false else true end
    or case when s."city" = d."city" or (s."city" is null and d."city" is null) then false else true end
    or case when s."email" = d."email" or (s."email" is null and d."email" is null) then false else true end
)
select p.*, coalesce(r.whc_returns, false) as whc_returns, false as whc_unit
from whc_pair p
left join (
  select distinct x."customer_id", true as whc_returns
  from "star"."dim_customer" x
  where not x."is_current"
) r on p.whc_tid is null and r."customer_id" = p."customer_id"
union all
select null::bigint, true, null::timestamp without time zone, null::timestamp without time zone, false, false, false, s."updated_at"::timestamp without time zone, s."customer_id", s."segment", s."email", s."city", s."first_seen", s."city", s."first_seen", false, true
from whc_source s
join (
  select x."customer_id" from whc_source x group by x."customer_id" having count(*) > 1
) m on m."customer_id" = s."customer_id";
-- prepare
create temporary table whc_stage as
select x."customer_id", x.whc_effective as "updated_at", x."segment" as "segment", x."email" as "email", x."city" as "city", x.whc_raw_0 as "first_seen"
from whc_delta x
where x.whc_unit;
-- prepare
create temporary table whc_several as
select distinct s."customer_id" from whc_stage s;
-- prepare
delete from whc_delta where whc_unit;
-- audit null-natural-key: rows mean that rows of dim_customer have no natural key (customer_id is NULL)
select count(*) over () as rows, x."customer_id", x."segment", x."email", x."city", x."first_seen"
from whc_delta x
where (x."customer_id" is null) and x.whc_here
limit 5;
-- audit null-effective-at: rows mean that rows of dim_customer do not say from when they hold (updated_at is NULL)
select count(*) over () as rows, x."customer_id", x."segment", x."email", x."city", x."first_seen"
from whc_delta x
where x.whc_effective is null and x.whc_here
limit 5;
-- audit duplicate-natural-key: rows mean that a key of dim_customer is stated twice for one time
select count(*) over () as keys, s."customer_id", s."updated_at", count(*) as rows
from whc_stage s
join whc_several m on m."customer_id" = s."customer_id"
group by s."customer_id", s."updated_at" having count(*) > 1
order by count(*) desc, s."customer_id"
limit 5;
-- audit member-key-in-source: rows mean that dim_customer has a row in its source with the key of one of its members
select count(*) over () as rows, x."customer_id"
from whc_delta x
where ((x."customer_id" = '-1'::integer) or (x."customer_id" = '-2'::integer)) and x.whc_here
limit 5;
-- prepare
create temporary table whc_touched as
select s."customer_id" from whc_several s
union
select x."customer_id" from whc_delta x
where x.whc_tid is not null and x.whc_here
  and (x.whc_overwrites or x.whc_deleted or x.whc_inferred or x.whc_effective <= x.whc_at)
union
select x."customer_id" from whc_delta x where x.whc_returns
union
select x."customer_id" from whc_delta x
join "star"."dim_customer__ledger" g on g."customer_id" = x."customer_id"
where x.whc_tid is null or x.whc_here and g.kind = 'placed'
union
select x."customer_id" from whc_delta x
where not x.whc_here and not x.whc_inferred and not x.whc_deleted and x.whc_at >= (select at from whc_run);
-- prepare
insert into whc_stage
select x."customer_id", x.whc_effective as "updated_at", x."segment" as "segment", x."email" as "email", x."city" as "city", x.whc_raw_0 as "first_seen"
from whc_delta x
where x.whc_here
  and exists (select 1 from whc_touched t where t."customer_id" = x."customer_id")
  and not exists (select 1 from whc_several m where m."customer_id" = x."customer_id");
-- prepare
delete from whc_delta
where not whc_delta.whc_here and (whc_delta.whc_inferred or whc_delta.whc_deleted);
-- prepare
delete from whc_delta using whc_touched t
where t."customer_id" = whc_delta."customer_id";
-- audit broken-history: rows mean that the history of dim_customer would have overlapping versions
select count(*) over () as offences, "customer_id", count(*) as versions
from whc_delta x
where x.whc_tid is not null
group by "customer_id"
having count(*) > 1 or bool_or(x.whc_from >= case when x.whc_here then x.whc_effective else (select at from whc_run) end)
limit 5;
-- change
update "star"."dim_customer" d set "valid_to" = case when x.whc_here then x.whc_effective else (select at from whc_run) end, "is_current" = false
from whc_delta x
where d."customer_key" = x.whc_tid;
-- change
insert into "star"."dim_customer" ("customer_key", "customer_id", "segment", "email", "city", "first_seen", "current_city", "valid_from", "valid_to", "is_current", "stated_at")
select (select greatest(coalesce((select max("customer_key") from "star"."dim_customer"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_customer__ledger"), 0), 0))
    + row_number() over (),
  x."customer_id",
  x."segment",
  x."email",
  x."city",
  x."first_seen",
  x."current_city",
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
select d."customer_key" as whc_tid, d."customer_key" as whc_key, d."customer_id",
  d."segment", d."email", d."city", d."first_seen", d."current_city",
  d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
  d."is_inferred" as whc_inferred, false as whc_deleted,
  d."stated_at" as whc_aside,
  coalesce(d."stated_at", d."valid_from") as whc_stated, coalesce(case when d."valid_from" = '1900-01-01'::timestamp without time zone then g.at end, case when d."valid_from" = '1900-01-01'::timestamp without time zone and not coalesce(coalesce(d."stated_at", d."valid_from") >= d."valid_to", false)
    then coalesce(d."stated_at", d."valid_from") else d."valid_from" end) as whc_at,
  not d."is_inferred" as whc_real,
  lead(d."valid_from") over (partition by d."customer_id" order by d."valid_from") as whc_next, lag(d."valid_from") over (partition by d."customer_id" order by d."valid_from") as whc_previous,
  coalesce(s.whc_here, false) as whc_here
from "star"."dim_customer" d
join whc_touched t on t."customer_id" = d."customer_id"
left join (select distinct x."customer_id", true as whc_here from whc_stage x) s
  on s."customer_id" = d."customer_id"
  left join (
      select g."customer_id", max(g.at) as at
      from "star"."dim_customer__ledger" g where g.kind = 'placed' group by g."customer_id"
    ) g on g."customer_id" = d."customer_id";
-- prepare
create temporary table whc_events as
with unit as (
  select s."customer_id", s."segment", s."email", s."city", s."first_seen", s."updated_at"::timestamp without time zone as whc_stated,
    row_number() over (partition by s."customer_id" order by s."updated_at"::timestamp without time zone desc) = 1 as whc_last,
    coalesce(o.whc_is_there, false) as whc_moved
  from whc_stage s
  join whc_touched t on t."customer_id" = s."customer_id"
  left join (
    select o."customer_id", case when r."customer_id" is not null then r."segment" else o."segment" end as "segment", case when r."customer_id" is not null then r."city" else o."city" end as "city", true as whc_is_there
    from whc_stored o
          left join whc_stage r on r."customer_id" = o."customer_id" and r."updated_at"::timestamp without time zone = o.whc_stated
    where o.whc_current and o.whc_real
  ) o on o."customer_id" = s."customer_id"
          and case when s."segment" = o."segment" or (s."segment" is null and o."segment" is null) then true else false end
  and case when s."city" = o."city" or (s."city" is null and o."city" is null) then true else false end
),
state as (
  select t."customer_id", max(case when o.whc_real then o.whc_at end) as whc_newest,
    bool_or(o.whc_from = '1900-01-01'::timestamp without time zone) as whc_always,
    case when not coalesce(bool_or(o.whc_current and o.whc_real), false)
      then greatest(max(o.whc_to), max(g.at)) end as whc_closed,
    max(case when o.whc_current and not o.whc_real and o.whc_deleted then o.whc_from end) as whc_recorded
  from whc_touched t
  left join whc_stored o on o."customer_id" = t."customer_id"
  left join (
      select g."customer_id", max(g.at) as at
      from "star"."dim_customer__ledger" g where g.kind = 'deleted' group by g."customer_id"
    ) g on g."customer_id" = t."customer_id"
  group by t."customer_id"
),
known as (
  select distinct o."customer_id", o.whc_stated from whc_stored o
  where o.whc_real
),
event as (
  select o."customer_id", case when u.whc_stated is null then o."segment" else u."segment" end as "segment", case when u.whc_stated is null then o."email" else u."email" end as "email", case when u.whc_stated is null then o."city" else u."city" end as "city", case when u.whc_stated is null then o."first_seen" else u."first_seen" end as "first_seen", case when o.whc_at >= (select at from whc_run) and not o.whc_here then o.whc_from else o.whc_at end as whc_at, o.whc_stated, true as whc_version, true as whc_stored,
    u.whc_stated is not null as whc_restated, false as whc_late, coalesce(k.whc_always, false) as whc_always
  from whc_stored o
  left join unit u on u."customer_id" = o."customer_id" and u.whc_stated = o.whc_stated
  left join state k on k."customer_id" = o."customer_id"
  where o.whc_real
    and (o.whc_from < (select at from whc_run) or o.whc_here)
  union all
  select u."customer_id", u."segment", u."email", u."city", u."first_seen", u.whc_at, u.whc_stated, true, false, true,
    coalesce(u.whc_at < k.whc_newest, false), coalesce(k.whc_always, false)
  from (
    select u.*, case when u.whc_last and u.whc_stated <= greatest(k.whc_recorded, k.whc_closed) then (select at from whc_run)
      else u.whc_stated end as whc_at
    from unit u
    left join state k on k."customer_id" = u."customer_id"
    left join known n on n."customer_id" = u."customer_id" and n.whc_stated = u.whc_stated
    where n.whc_stated is null or u.whc_last and greatest(k.whc_recorded, k.whc_closed) is not null
  ) u
  left join state k on k."customer_id" = u."customer_id"
  where not coalesce(u.whc_last and u.whc_at < k.whc_newest and u.whc_moved, false)
  union all
  select o."customer_id", null::text, null::character varying(80), null::text, null::date, o.whc_to, o.whc_to, false, true, false, false, false
  from whc_stored o
  where not o.whc_current and case when o.whc_next = o.whc_to or (o.whc_next is null and o.whc_to is null) then false else true end and o.whc_real
  union all
  select g."customer_id", null::text, null::character varying(80), null::text, null::date, g.at, g.at, false, true, false, false, false
  from "star"."dim_customer__ledger" g
  join whc_touched t on t."customer_id" = g."customer_id"
  where g.kind = 'deleted'
  union all
  select distinct o."customer_id", null::text, null::character varying(80), null::text, null::date, (select at from whc_run), (select at from whc_run), false, false, false, false, false
  from whc_stored o
  where o.whc_current and o.whc_real and not o.whc_here
)
select e.*, e.whc_stated as whc_latest, coalesce(not e.whc_version and not coalesce(lag(e.whc_version) over (partition by e."customer_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false)
      or e.whc_version and not e.whc_stored and coalesce(lag(e.whc_version) over (partition by e."customer_id" order by e.whc_at, e.whc_version, e.whc_stored desc), false) and case when e."segment" = lag(e."segment") over (partition by e."customer_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."segment" is null and lag(e."segment") over (partition by e."customer_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end
  and case when e."city" = lag(e."city") over (partition by e."customer_id" order by e.whc_at, e.whc_version, e.whc_stored desc) or (e."city" is null and lag(e."city") over (partition by e."customer_id" order by e.whc_at, e.whc_version, e.whc_stored desc) is null) then true else false end, false) as whc_dropped
from event e;
-- prepare
create temporary table whc_chain as
with valued as (
  select e."customer_id", e."segment", first_value(e."email") over (partition by e."customer_id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "email",
      e."city", first_value(e."first_seen") over (partition by e."customer_id" order by e.whc_version desc, e.whc_stated, e.whc_stored, e.whc_at
      rows between unbounded preceding and current row) as "first_seen",
      first_value(e."city") over (partition by e."customer_id" order by e.whc_version desc, e.whc_latest desc, e.whc_stored, e.whc_at desc
      rows between unbounded preceding and current row) as "current_city",
      e.whc_at, e.whc_stated, e.whc_version, e.whc_dropped, e.whc_always,
    false as whc_ended
  from whc_events e
), line as (
  select v."customer_id", v."segment", v."email", v."city", v."first_seen", v."current_city", v.whc_at, v.whc_stated, v.whc_version, v.whc_ended,
    lead(v.whc_at) over (partition by v."customer_id" order by v.whc_at, v.whc_version) as whc_to, coalesce(lag(v.whc_version) over (partition by v."customer_id" order by v.whc_at, v.whc_version), false) as whc_follows,
    max(case when v.whc_always then 1 else 0 end) over (partition by v."customer_id") = 1 as whc_always,
    min(case when v.whc_version then v.whc_at end) over (partition by v."customer_id") as whc_first
  from valued v
  where not v.whc_dropped
), version as (
  select i.*, case when i.whc_at = i.whc_first and i.whc_version and i.whc_always then '1900-01-01'::timestamp without time zone
    else i.whc_at end as whc_from, false as whc_gone
  from line i
  where i.whc_version
)
select d."customer_key" as whc_tid, f."customer_id", f.whc_from, case when f.whc_from = '1900-01-01'::timestamp without time zone and f.whc_at not in (f.whc_stated, '1900-01-01'::timestamp without time zone) then f.whc_at end as whc_placed,
  f."segment" as "segment", f."email" as "email", f."city" as "city", f."first_seen" as "first_seen", f."current_city" as "current_city", coalesce(f.whc_to, null::timestamp without time zone) as "valid_to", (f.whc_to is null) as "is_current", false as "is_inferred", nullif(f.whc_stated, f.whc_from) as "stated_at",
  d."customer_key" is not null and (case when d."segment" = f."segment" or (d."segment" is null and f."segment" is null) then false else true end or case when d."email" = f."email" or (d."email" is null and f."email" is null) then false else true end or case when d."city" = f."city" or (d."city" is null and f."city" is null) then false else true end or case when d."first_seen" = f."first_seen" or (d."first_seen" is null and f."first_seen" is null) then false else true end or case when d."current_city" = f."current_city" or (d."current_city" is null and f."current_city" is null) then false else true end or case when d."valid_to" = coalesce(f.whc_to, null::timestamp without time zone) or (d."valid_to" is null and coalesce(f.whc_to, null::timestamp without time zone) is null) then false else true end or case when d."is_current" = (f.whc_to is null) or (d."is_current" is null and (f.whc_to is null) is null) then false else true end or case when d."is_inferred" = false or (d."is_inferred" is null and false is null) then false else true end or case when d."stated_at" = nullif(f.whc_stated, f.whc_from) or (d."stated_at" is null and nullif(f.whc_stated, f.whc_from) is null) then false else true end) as whc_changed
from version f
left join whc_stored o on o."customer_id" = f."customer_id" and o.whc_from = f.whc_from
left join "star"."dim_customer" d on d."customer_key" = o.whc_tid;
-- change
insert into "star"."dim_customer__ledger" (kind, "customer_id", at)
select 'deleted', e."customer_id", e.whc_at
from whc_events e
where not e.whc_version and not e.whc_stored and e.whc_dropped;
-- change
delete from "star"."dim_customer__ledger" using whc_touched t
where t."customer_id" = "dim_customer__ledger"."customer_id" and "dim_customer__ledger".kind = 'placed'
  and not exists (select 1 from whc_chain c where c."customer_id" = "dim_customer__ledger"."customer_id" and c.whc_placed = "dim_customer__ledger".at);
-- change
insert into "star"."dim_customer__ledger" (kind, "customer_id", at)
select 'placed', c."customer_id", c.whc_placed
from whc_chain c
where c.whc_placed is not null
  and not exists (select 1 from "star"."dim_customer__ledger" g where g."customer_id" = c."customer_id" and g.kind = 'placed');
-- change
insert into "star"."dim_customer__ledger" (kind, "customer_id", at, surrogate_key)
select 'withdrawn', o."customer_id", o.whc_from, o.whc_key
from whc_stored o
where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid)
  and not exists (
    select 1 from "star"."dim_customer__ledger" g where g.kind = 'withdrawn' and g.surrogate_key = o.whc_key);
-- change
update "star"."dim_customer" d
set "segment" = c."segment", "email" = c."email", "city" = c."city", "first_seen" = c."first_seen", "current_city" = c."current_city", "valid_to" = c."valid_to", "is_current" = c."is_current", "is_inferred" = c."is_inferred", "stated_at" = c."stated_at"
from whc_chain c
where d."customer_key" = c.whc_tid and c.whc_changed;
-- change
delete from "star"."dim_customer"
where "customer_key" in (
  select o.whc_key from whc_stored o where not o.whc_inferred and not exists (select 1 from whc_chain c where c.whc_tid = o.whc_tid));
-- change
insert into "star"."dim_customer" ("customer_key", "customer_id", "valid_from", "segment", "email", "city", "first_seen", "current_city", "valid_to", "is_current", "is_inferred", "stated_at")
select coalesce(g.surrogate_key, (select greatest(coalesce((select max("customer_key") from "star"."dim_customer"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_customer__ledger"), 0), 0))
    + row_number() over (order by c."customer_id", c.whc_from)),
  c."customer_id", c.whc_from, c."segment", c."email", c."city", c."first_seen", c."current_city", c."valid_to", c."is_current", c."is_inferred", c."stated_at"
from whc_chain c
left join (
  select whc_row."customer_id", whc_row.at, whc_row.surrogate_key
from (
  select w."customer_id", w.at, w.surrogate_key, row_number() over (partition by w.surrogate_key order by w.surrogate_key) as whc_nth
  from "star"."dim_customer__ledger" w where w.kind = 'withdrawn'
) whc_row
where whc_row.whc_nth = 1
) g
  on g."customer_id" = c."customer_id" and g.at = c.whc_from
where c.whc_tid is null;
-- audit broken-history: rows mean that the history of dim_customer would not hold together
with version as (
  select d."customer_id", d."valid_from" as whc_from, d."valid_to" as whc_to, d."is_current" as whc_current,
    lead(d."valid_from") over (partition by d."customer_id" order by d."valid_from") as whc_next, count(*) over (partition by d."customer_key") as whc_shares
  from "star"."dim_customer" d
  join whc_touched t on t."customer_id" = d."customer_id"
)
select count(*) over () as offences, v."customer_id", v.whc_from as valid_from, v.whc_to as valid_to,
  v.whc_next as next_valid_from
from version v
left join (
  select distinct x."customer_id", x.whc_at from whc_events x where not x.whc_version
) e on e."customer_id" = v."customer_id" and e.whc_at = v.whc_to
where v.whc_shares > 1
  or v.whc_current and v.whc_next is not null
  or not v.whc_current and (v.whc_to is null or v.whc_from >= v.whc_to or v.whc_to > v.whc_next)
  or v.whc_to < v.whc_next and e.whc_at is null
limit 5;
-- cleanup
drop table if exists whc_run, "whc_source", whc_delta, whc_stage, whc_several, whc_touched, whc_stored, whc_events, whc_chain;
commit;
