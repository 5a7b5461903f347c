-- model.shop.fct_agent_day
-- foreign_key of agent_key is proved: the load finds each key in dim_agent, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_agent_day', 0));
-- prepare
create table if not exists "star"."fct_agent_day__ledger" (
  kind text not null,
  foreign_key text not null,
  "day" date,
  "customer_id" integer,
  "agent_id" integer,
  natural_key text[]
);
-- comment
comment on table "star"."fct_agent_day__ledger" is 'Natural keys that fct_agent_day found no row for yet; kept by whc';
-- change
delete from "star"."fct_agent_day__ledger";
-- prepare
create temporary table whc_dimension on commit drop as
select 'agent_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_agent" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_agent"'::regclass::oid::text as place;
-- change
insert into "star"."fct_agent_day__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, array[x.state, x.horizon, x.place]
from pg_temp.whc_dimension x
where not exists (
  select 1 from "star"."fct_agent_day__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state);
-- main, counts the rows
create table "star"."fct_agent_day" as
select coalesce(d1."agent_key", -1) as "agent_key",
  coalesce(d1."agent_durable_key", -1) as "agent_durable_key",
  s."customer_id",
  s."agent_id",
  s."day",
  s."orders",
  case when d1."agent_key" is null and not (s."agent_id" is null) then array[s."agent_id"::text] end as "whc_d1"
from (
select customer_id, agent_id, day, count(*) as orders from staging.stg_orders group by 1, 2, 3
) s
left join "star"."dim_agent" d1
  on s."agent_id" = d1."agent_id"
    and s."day" >= d1."valid_from"
    and s."day" < coalesce(d1."valid_to", 'infinity');
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."day") as whc_filled_0,
  count(g."customer_id") as whc_filled_1,
  count(g."agent_id") as whc_filled_2,
  count(g."whc_d1") as whc_d1
from "star"."fct_agent_day" g;
-- audit null-grain: rows mean that rows of fct_agent_day have NULL in the grain (day, customer_id, agent_id)
select count(*) over () as rows, f."customer_id", f."agent_id", f."day", f."orders"
from "star"."fct_agent_day" f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1 or whc_rows <> whc_filled_2)
  and (f."day" is null or f."customer_id" is null or f."agent_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_agent_day agree in the grain (day, customer_id, agent_id)
select count(*) over () as keys, f."day", f."customer_id", f."agent_id", count(*) as rows
from "star"."fct_agent_day" f
group by f."day", f."customer_id", f."agent_id" having count(*) > 1
order by count(*) desc, f."day", f."customer_id", f."agent_id"
limit 5;
-- change
insert into "star"."fct_agent_day__ledger" (kind, foreign_key, "day", "customer_id", "agent_id", natural_key)
select 'unresolved', 'agent_key', n."day", n."customer_id", n."agent_id", n."whc_d1"
from "star"."fct_agent_day" n
where n."whc_d1" is not null and exists (select 1 from pg_temp.whc_count where whc_d1 > 0);
-- change
alter table "star"."fct_agent_day" drop column "whc_d1";
commit;
