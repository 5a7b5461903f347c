-- model.shop.fct_strict

-- one transaction; may be sent again
begin;
-- main, counts the rows
create table "star"."fct_strict" as
select coalesce(d1."customer_key", case when d1k."customer_id" is not null then -1 end) as "customer_key",
  s."id",
  s."at"
from (
select * from staging.stg_strict
) s
left join "star"."dim_customer" d1
  on s."customer_id" = d1."customer_id"
    and s."at" >= d1."valid_from"
    and s."at" < coalesce(d1."valid_to", '9999-12-31')
left join (select distinct k."customer_id" from "star"."dim_customer" k) d1k
  on s."customer_id" = d1k."customer_id";
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."id") as whc_filled_0,
  count(distinct g."id") as whc_keys
from "star"."fct_strict" g;
-- audit null-grain: rows mean that rows of fct_strict have NULL in the grain (id)
select count(*) over () as rows, f."id", f."at"
from "star"."fct_strict" f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0)
  and (f."id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_strict agree in the grain (id)
select count(*) over () as keys, f."id", count(*) as rows
from "star"."fct_strict" f
where exists (select 1 from whc_count where whc_filled_0 <> whc_keys)
group by f."id" having count(*) > 1
order by count(*) desc, f."id"
limit 5;
-- audit missing-dimension-row: rows mean that rows of fct_strict have a key that dim_customer does not know
select count(*) over () as rows, f."id", f."at"
from "star"."fct_strict" f
where f."customer_key" is null
limit 5;
-- cleanup
drop table if exists whc_count;
commit;
