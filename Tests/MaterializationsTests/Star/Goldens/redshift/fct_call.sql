-- model.shop.fct_call
-- foreign_key of time_key is proved: the load finds each key in dim_time, or takes that of a member
-- foreign_key of end_time_key is proved: the load finds each key in dim_time, or takes that of a member

-- one transaction; may be sent again
begin;
-- main, counts the rows
create table "star"."fct_call" as
select coalesce(d1."time_key", -1) as "time_key",
  coalesce(d2."time_key", -1) as "end_time_key",
  s."call_id"
from (
select * from staging.stg_calls
) s
left join "star"."dim_time" d1
  on ((floor(extract(hour from s."rang_at"))::integer * 3600 + floor(extract(minute from s."rang_at"))::integer * 60 + floor(extract(second from s."rang_at"))::integer) / 900 * 900) / 3600 * 10000 + ((floor(extract(hour from s."rang_at"))::integer * 3600 + floor(extract(minute from s."rang_at"))::integer * 60 + floor(extract(second from s."rang_at"))::integer) / 900 * 900) / 60 % 60 * 100 + ((floor(extract(hour from s."rang_at"))::integer * 3600 + floor(extract(minute from s."rang_at"))::integer * 60 + floor(extract(second from s."rang_at"))::integer) / 900 * 900) % 60 = d1."time_key"
left join "star"."dim_time" d2
  on ((floor(extract(hour from s."ended"))::integer * 3600 + floor(extract(minute from s."ended"))::integer * 60 + floor(extract(second from s."ended"))::integer) / 900 * 900) / 3600 * 10000 + ((floor(extract(hour from s."ended"))::integer * 3600 + floor(extract(minute from s."ended"))::integer * 60 + floor(extract(second from s."ended"))::integer) / 900 * 900) / 60 % 60 * 100 + ((floor(extract(hour from s."ended"))::integer * 3600 + floor(extract(minute from s."ended"))::integer * 60 + floor(extract(second from s."ended"))::integer) / 900 * 900) % 60 = d2."time_key";
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."call_id") as whc_filled_0,
  count(distinct g."call_id") as whc_keys
from "star"."fct_call" g;
-- audit null-grain: rows mean that rows of fct_call have NULL in the grain (call_id)
select count(*) over () as rows, f."call_id"
from "star"."fct_call" f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0)
  and (f."call_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_call agree in the grain (call_id)
select count(*) over () as keys, f."call_id", count(*) as rows
from "star"."fct_call" f
where exists (select 1 from whc_count where whc_filled_0 <> whc_keys)
group by f."call_id" having count(*) > 1
order by count(*) desc, f."call_id"
limit 5;
-- cleanup
drop table if exists whc_count;
commit;
