-- model.shop.fct_day
-- foreign_key of date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_day', 0));
-- lock
lock table "star"."fct_day" in share row exclusive mode;
-- prepare
create temporary table whc_from on commit drop as
select max(f."day") - interval '3 days' as at from "star"."fct_day" f;
-- main
create temporary table whc_stage on commit drop as
select s.*
from (
select customer_id, agent_id, day, count(*) as orders from staging.stg_orders group by 1, 2, 3
) s
where s."day" >= coalesce((select whc_from.at from pg_temp.whc_from), '-infinity') or s."day" is null;
-- analyze
analyze pg_temp.whc_stage ("day");
-- prepare
do $whc$
begin
  raise notice '% was read from % on', 'fct_day by day',
    coalesce((select whc_from.at from pg_temp.whc_from)::text, 'the beginning');
end
$whc$;
-- prepare
create temporary table whc_fact on commit drop as
select coalesce(d1."date_key", -1) as "date_key",
  s."customer_id",
  s."agent_id",
  s."day",
  s."orders"
from pg_temp.whc_stage s
left join "star"."dim_date" d1
  on s."day" = d1."date";
-- analyze
analyze pg_temp.whc_fact ("day", "customer_id", "agent_id");
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."day") as whc_filled_0,
  count(g."customer_id") as whc_filled_1,
  count(g."agent_id") as whc_filled_2
from pg_temp.whc_fact g;
-- audit null-grain: rows mean that rows of fct_day have NULL in the grain (day, customer_id, agent_id)
select count(*) over () as rows, f."customer_id", f."agent_id", f."day", f."orders"
from pg_temp.whc_fact f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1 or whc_rows <> whc_filled_2)
  and (f."day" is null or f."customer_id" is null or f."agent_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_day agree in the grain (day, customer_id, agent_id)
select count(*) over () as keys, f."day", f."customer_id", f."agent_id", count(*) as rows
from pg_temp.whc_fact f
group by f."day", f."customer_id", f."agent_id" having count(*) > 1
order by count(*) desc, f."day", f."customer_id", f."agent_id"
limit 5;
-- prepare
set local seq_page_cost = 0.05;
-- prepare
set local random_page_cost = 0.05;
-- change
update "star"."fct_day" f
set "date_key" = n."date_key", "orders" = n."orders"
from pg_temp.whc_fact n
where f."day" = n."day" and f."customer_id" = n."customer_id" and f."agent_id" = n."agent_id"
  and (f."date_key" is distinct from n."date_key"
    or f."orders" is distinct from n."orders");
-- change, counts the rows
insert into "star"."fct_day" ("date_key", "customer_id", "agent_id", "day", "orders")
select n."date_key", n."customer_id", n."agent_id", n."day", n."orders"
from pg_temp.whc_fact n
left join "star"."fct_day" f on f."day" = n."day" and f."customer_id" = n."customer_id" and f."agent_id" = n."agent_id"
where f.ctid is null;
-- prepare
set local seq_page_cost to default;
-- prepare
set local random_page_cost to default;
commit;
