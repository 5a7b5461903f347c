-- model.shop.fct_shared
-- distributed by agent_key, the key to dim_agent, its largest dimension with 4000000 rows
-- sorted by date_key, its key to dim_date
-- foreign_key of load_key is proved: the key is that of the load
-- foreign_key of flags_key is proved: the load finds each key in dim_flags, or takes that of a member
-- foreign_key of agent_key is proved: the load finds each key in dim_agent, or takes that of a member
-- foreign_key of date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- prepare
create table if not exists "star"."fct_shared__ledger" (
  kind text not null,
  foreign_key text not null,
  "order_id" integer,
  "line" integer,
  natural_key varchar(65535)
);
-- comment
comment on table "star"."fct_shared__ledger" is 'Natural keys that fct_shared found no row for yet; kept by whc';
-- change
delete from "star"."fct_shared__ledger";
-- prepare
create temporary table whc_dimension as
select cast('agent_key' as varchar(256)) as foreign_key,
  cast(count(*) as varchar(32)) || '/'
    || cast(coalesce(sum(strtol(left(md5(coalesce(cast(x."agent_key" as varchar(65535)), '') || '/' || coalesce(cast(x."agent_id" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_from" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_to" as varchar(65535)), '')), 12), 16)), 0) as varchar(64)) as state
from "star"."dim_agent" x;
-- change
insert into "star"."fct_shared__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, cast(x.state as varchar(65535))
from whc_dimension x
where not exists (
  select 1 from "star"."fct_shared__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key = x.state);
-- prepare
create temporary table whc_audit as
select cast(extract(epoch from getdate()) as bigint) * 1000000000 + strtol(left(md5(' model.shop.fct_shared'), 7), 16) as whc_key,
  greatest(getdate(), sysdate) as whc_started;
-- main
create temporary table "whc_stage"
  as (
select a."order_id",
  a."line",
  a."at",
  a."gift",
  a."channel",
  a."agent_id",
  a."amount",
  cast(case when cast(sum(cast(coalesce(a."amount", 0) as numeric(18,0))) over (partition by a."order_id") as numeric(18,0)) = 0 then case when cast(row_number() over (partition by a."order_id" order by a."order_id", a."line") as integer) = cast(count(*) over (partition by a."order_id") as integer) then cast(a."shipping" as numeric(18,2)) else round(cast(a."shipping" as numeric(18,2)) * cast(row_number() over (partition by a."order_id" order by a."order_id", a."line") as integer) / (cast(count(*) over (partition by a."order_id") as integer)), 2) end - round(cast(a."shipping" as numeric(18,2)) * (cast(row_number() over (partition by a."order_id" order by a."order_id", a."line") as integer) - 1) / (cast(count(*) over (partition by a."order_id") as integer)), 2)
  else case when cast(row_number() over (partition by a."order_id" order by a."order_id", a."line") as integer) = cast(count(*) over (partition by a."order_id") as integer) then cast(a."shipping" as numeric(18,2)) else round(cast(a."shipping" as numeric(18,2)) * cast(sum(cast(coalesce(a."amount", 0) as numeric(18,0))) over (partition by a."order_id" order by a."order_id", a."line" rows unbounded preceding) as numeric(18,0)) / nullif(cast(sum(cast(coalesce(a."amount", 0) as numeric(18,0))) over (partition by a."order_id") as numeric(18,0)), 0), 2) end
    - round(cast(a."shipping" as numeric(18,2)) * (cast(sum(cast(coalesce(a."amount", 0) as numeric(18,0))) over (partition by a."order_id" order by a."order_id", a."line" rows unbounded preceding) as numeric(18,0)) - cast(coalesce(a."amount", 0) as numeric(18,0))) / nullif(cast(sum(cast(coalesce(a."amount", 0) as numeric(18,0))) over (partition by a."order_id") as numeric(18,0)), 0), 2) end as numeric(18,2)) as "shipping",
  cast(case when cast(row_number() over (partition by a."order_id" order by a."order_id", a."line") as integer) = cast(count(*) over (partition by a."order_id") as integer) then cast(a."fee" as numeric(18,0)) else round(cast(a."fee" as numeric(18,0)) * cast(row_number() over (partition by a."order_id" order by a."order_id", a."line") as integer) / (cast(count(*) over (partition by a."order_id") as integer)), 0) end - round(cast(a."fee" as numeric(18,0)) * (cast(row_number() over (partition by a."order_id" order by a."order_id", a."line") as integer) - 1) / (cast(count(*) over (partition by a."order_id") as integer)), 0) as numeric(18,0)) as "fee",
  case when min(a."shipping") over (partition by a."order_id") = max(a."shipping") over (partition by a."order_id") or (min(a."shipping") over (partition by a."order_id") is null and max(a."shipping") over (partition by a."order_id") is null) then false else true end
    or count(a."shipping") over (partition by a."order_id") not in (0, count(*) over (partition by a."order_id")) as whc_differs_1,
  case when min(a."fee") over (partition by a."order_id") = max(a."fee") over (partition by a."order_id") or (min(a."fee") over (partition by a."order_id") is null and max(a."fee") over (partition by a."order_id") is null) then false else true end
    or count(a."fee") over (partition by a."order_id") not in (0, count(*) over (partition by a."order_id")) as whc_differs_2,
  greatest(max(a."at") over (partition by a."order_id"), max(a."at") over (partition by a."order_id")) as whc_latest
from (
select * from staging.stg_lines
) a
  );
-- audit uneven-header: rows mean that lines of one header (order_id) of fct_shared say different amounts of shipping
select count(*) over () as headers, s."order_id", count(*) as lines
from whc_stage s
where s.whc_differs_1
group by s."order_id"
order by s."order_id"
limit 5;
-- audit uneven-header: rows mean that lines of one header (order_id) of fct_shared say different amounts of fee
select count(*) over () as headers, s."order_id", count(*) as lines
from whc_stage s
where s.whc_differs_2
group by s."order_id"
order by s."order_id"
limit 5;
-- lock
lock table "star"."dim_agent";
-- change
insert into "star"."dim_agent" ("agent_key", "agent_id", "valid_from",
  "valid_to", "is_current", "is_inferred")
select (select greatest(coalesce((select max("agent_key") from "star"."dim_agent"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_agent__ledger"), 0), 0))
    + row_number() over (order by n."agent_id"),
  n."agent_id", '1900-01-01', null, true, true
from (
  select distinct s."agent_id" as "agent_id"
  from whc_stage s
  left join "star"."dim_agent" d on s."agent_id" = d."agent_id"
  where not (s."agent_id" is null) and d."agent_key" is null
) n;
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
-- lock
lock table "star"."dim_flags";
-- change
insert into "star"."dim_flags" ("flags_key", "gift", "channel")
select (select coalesce(max(k."flags_key"), 0) from "star"."dim_flags" k where k."flags_key" > 0)
    + row_number() over (order by n."gift", n."channel"),
  n."gift", n."channel"
from (
  select distinct s."gift" as "gift", s."channel" as "channel"
  from whc_stage s
) n
where not exists (select 1 from "star"."dim_flags" d where case when n."gift" is null then 0 else 1 end = case when d."gift" is null then 0 else 1 end and case when n."gift" then 'y' when not n."gift" then 'n' else '' end = case when d."gift" then 'y' when not d."gift" then 'n' else '' end
    and case when n."channel" is null then 0 else 1 end = case when d."channel" is null then 0 else 1 end and coalesce(cast(n."channel" as varchar(65535)), '') = coalesce(cast(d."channel" as varchar(65535)), '')
    and d."flags_key" > 0);
-- change, counts the rows
create table "star"."fct_shared"
  diststyle key distkey (agent_key)
  compound sortkey (date_key) as
select coalesce(d1."flags_key", -1) as "flags_key",
  coalesce(d2."agent_key", -1) as "agent_key",
  coalesce(d2."agent_durable_key", -1) as "agent_durable_key",
  coalesce(d3."date_key", -1) as "date_key",
  s."order_id",
  s."line",
  s."at",
  s."amount",
  s."shipping",
  s."fee",
  (select a.whc_key from whc_audit a) as "load_key",
  case when d2."agent_key" is null and not (s."agent_id" is null) then cast(s."agent_id" as varchar(65535)) end as "whc_d2"
from whc_stage s
left join "star"."dim_flags" d1
  on case when s."gift" is null then 0 else 1 end = case when d1."gift" is null then 0 else 1 end and case when s."gift" then 'y' when not s."gift" then 'n' else '' end = case when d1."gift" then 'y' when not d1."gift" then 'n' else '' end
    and case when s."channel" is null then 0 else 1 end = case when d1."channel" is null then 0 else 1 end and coalesce(cast(s."channel" as varchar(65535)), '') = coalesce(cast(d1."channel" as varchar(65535)), '')
    and d1."flags_key" > 0
left join "star"."dim_agent" d2
  on s."agent_id" = d2."agent_id"
    and s."at" >= d2."valid_from"
    and s."at" < coalesce(d2."valid_to", '9999-12-31')
left join "star"."dim_date" d3
  on s."at"::date = d3."date";
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."order_id") as whc_filled_0,
  count(g."line") as whc_filled_1,
  count(case when g."flags_key" = -1 or g."agent_key" = -1 or g."date_key" = -1 then 1 end) as whc_unknown,
  count(g."whc_d2") as whc_d2
from "star"."fct_shared" g;
-- audit null-grain: rows mean that rows of fct_shared have NULL in the grain (order_id, line)
select count(*) over () as rows, f."order_id", f."line", f."at", f."amount", f."shipping", f."fee"
from "star"."fct_shared" f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1)
  and (f."order_id" is null or f."line" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_shared agree in the grain (order_id, line)
select count(*) over () as keys, f."order_id", f."line", count(*) as rows
from "star"."fct_shared" f
group by f."order_id", f."line" having count(*) > 1
order by count(*) desc, f."order_id", f."line"
limit 5;
-- change
insert into "star"."fct_shared__ledger" (kind, foreign_key, "order_id", "line", natural_key)
select 'unresolved', 'agent_key', n."order_id", n."line", n."whc_d2"
from "star"."fct_shared" n
where n."whc_d2" is not null and exists (select 1 from whc_count where whc_d2 > 0);
-- change
alter table "star"."fct_shared" drop column "whc_d2";
-- change
insert into "star"."dim_load" ("load_key", "invocation_id", "node", "target", "whc_version", "code_checksum", "started_at", "finished_at", "rows_read", "rows_inserted", "rows_updated", "rows_unknown", "warnings", "checks")
select a.whc_key, '', 'model.shop.fct_shared', '', '', 'bc8bf1971acc04cc2950fb9d9f26067d', a.whc_started, greatest(getdate(), sysdate), (select count(*) from whc_stage), (select c.whc_rows from whc_count c), :updated, (select c.whc_unknown from whc_count c), :warnings, case when :warnings = 0 then 'passed' else 'passed with warnings' end
from whc_audit a;
-- index
alter table "star"."fct_shared" add unique ("order_id", "line");
-- index
alter table "star"."fct_shared" add foreign key ("flags_key") references "star"."dim_flags" ("flags_key");
-- drop
drop view if exists "star"."fct_shared_flat" cascade;
-- change
create view "star"."fct_shared_flat" as
select f."flags_key" as "flags_key",
  f."agent_key" as "agent_key",
  f."agent_durable_key" as "agent_durable_key",
  f."date_key" as "date_key",
  f."order_id" as "order_id",
  f."line" as "line",
  f."at" as "at",
  f."amount" as "amount",
  f."shipping" as "shipping",
  f."fee" as "fee",
  f."load_key" as "load_key"
from "star"."fct_shared" f
left join "star"."dim_flags" d1 on d1."flags_key" = f."flags_key"
left join "star"."dim_agent" d2 on d2."agent_key" = f."agent_key"
left join "star"."dim_date" d3 on d3."date_key" = f."date_key"
with no schema binding;
-- cleanup
drop table if exists whc_dimension, whc_audit, "whc_stage", whc_count;
commit;
