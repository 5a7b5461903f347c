-- model.shop.bridge_group
-- foreign_key of customer_key is proved: the load finds each key in dim_customer, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."bridge_group";
-- main
create temporary table "whc_stage"
  as (
select * from staging.stg_owners
  );
-- audit bad-interval: rows mean that rows of bridge_group end before they begin, or hold twice for one member of a group
select count(*) over () as rows, s."account", s."customer_id", s."since", s."until"
from (
  select s.*, lead(s."since") over (partition by s."account", s."customer_id" order by s."since") as whc_next
  from whc_stage s
) s
where s."since" >= coalesce(s."until", '9999-12-31') or coalesce(s."until", '9999-12-31') > s.whc_next
order by s."account", s."customer_id", s."since"
limit 5;
-- audit weights-not-one: rows mean that groups of bridge_group have weights that do not add up to one
select count(*) over () as groups, s."account", p.whc_at as at, sum(s."share") as weight,
  count(*) as members
from (
  select "account", "since" as whc_at from whc_stage
  union
  select "account", "until" from whc_stage
) p
join whc_stage s on s."account" = p."account"
  and p.whc_at >= s."since" and p.whc_at < coalesce(s."until", '9999-12-31')
group by s."account", p.whc_at
having coalesce(abs(cast(sum(s."share") as numeric(38,12)) - 1) > 0.0001, true)
  or bool_or(s."share" is null or s."share" < 0)
order by s."account", p.whc_at
limit 5;
-- change, counts the rows
create table "star"."bridge_group__dbt_tmp" as
select coalesce(d1."customer_key", -1) as "customer_key",
  s."account",
  s."customer_id",
  s."share",
  s."since",
  s."until"
from whc_stage s
left join "star"."dim_customer" d1
  on s."customer_id" = d1."customer_id"
    and s."since" >= d1."valid_from"
    and s."since" < coalesce(d1."valid_to", '9999-12-31');
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."account") as whc_filled_0,
  count(g."customer_id") as whc_filled_1,
  count(g."since") as whc_filled_2
from "star"."bridge_group__dbt_tmp" g;
-- audit null-grain: rows mean that rows of bridge_group have NULL in the grain (account, customer_id, since)
select count(*) over () as rows, f."account", f."customer_id", f."share", f."since", f."until"
from "star"."bridge_group__dbt_tmp" f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1 or whc_rows <> whc_filled_2)
  and (f."account" is null or f."customer_id" is null or f."since" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of bridge_group agree in the grain (account, customer_id, since)
select count(*) over () as keys, f."account", f."customer_id", f."since", count(*) as rows
from "star"."bridge_group__dbt_tmp" f
group by f."account", f."customer_id", f."since" having count(*) > 1
order by count(*) desc, f."account", f."customer_id", f."since"
limit 5;
-- drop
drop table if exists "star"."bridge_group" cascade;
-- swap
alter table "star"."bridge_group__dbt_tmp" rename to "bridge_group";
-- cleanup
drop table if exists "whc_stage", whc_count;
commit;
