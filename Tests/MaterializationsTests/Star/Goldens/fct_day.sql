-- model.shop.fct_day
-- grain is proved: the SQL leaves one row for each day, customer_id, agent_id
-- foreign_key of date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_day', 0));
-- main, counts the rows
create table "star"."fct_day" as
select coalesce(d1."date_key", -1) as "date_key",
  s."customer_id",
  s."agent_id",
  s."day",
  s."orders"
from (
select customer_id, agent_id, day, count(*) as orders from staging.stg_orders group by 1, 2, 3
) s
left join "star"."dim_date" d1
  on s."day" = d1."date";
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."day") as whc_filled_0,
  count(g."customer_id") as whc_filled_1,
  count(g."agent_id") as whc_filled_2
from "star"."fct_day" g;
-- audit null-grain: rows mean that rows of fct_day have NULL in the grain (day, customer_id, agent_id)
select count(*) over () as rows, f."customer_id", f."agent_id", f."day", f."orders"
from "star"."fct_day" f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1 or whc_rows <> whc_filled_2)
  and (f."day" is null or f."customer_id" is null or f."agent_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_day agree in the grain (day, customer_id, agent_id)
select count(*) over () as keys, f."day", f."customer_id", f."agent_id", count(*) as rows
from "star"."fct_day" f
where exists (select from "star"."dim_date" x where x."date_key" not in (-1, -2) group by x."date" having count(*) > 1)
group by f."day", f."customer_id", f."agent_id" having count(*) > 1
order by count(*) desc, f."day", f."customer_id", f."agent_id"
limit 5;
commit;
