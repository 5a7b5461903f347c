-- model.shop.bridge_tree
-- 'dist' is the model's own
-- foreign_key of parent_agent_key is proved: the load finds each key in dim_agent, or takes that of a member
-- foreign_key of child_agent_key is proved: the load finds each key in dim_agent, or takes that of a member

-- one transaction; may be sent again
begin;
-- main
create temporary table "whc_stage"
  as (
with recursive whc_node as (
select n."agent_id", nullif(n."boss", n."agent_id") as "boss"
from (
select * from staging.stg_bosses
) n
),
whc_path (whc_from, whc_to, depth, way, is_cycle) as (
  select n."agent_id", n."agent_id", 0, cast('
' || cast(n."agent_id" as varchar(65535)) || '
' as varchar(65535)), false
  from whc_node n
  union all
  select p.whc_from, n."agent_id", p.depth + 1, cast(p.way || cast(n."agent_id" as varchar(65535)) || '
' as varchar(65535)),
    strpos(p.way, '
' || cast(n."agent_id" as varchar(65535)) || '
') > 0
  from whc_path p
  join whc_node n on n."boss" = p.whc_to
  where not p.is_cycle
)
select p.whc_from as "parent_agent_id", p.whc_to as "child_agent_id",
  p.depth as "depth", a.whc_key is null as "is_top", b.whc_key is null as "is_bottom",
  p.is_cycle as whc_is_cycle
from whc_path p
left join (
  select distinct n."agent_id" as whc_key from whc_node n join whc_node m on m."agent_id" = n."boss"
) a on a.whc_key = p.whc_from
left join (select distinct n."boss" as whc_key from whc_node n) b on b.whc_key = p.whc_to
  );
-- audit hierarchy-cycle: rows mean that nodes of bridge_tree stand below themselves
select count(*) over () as nodes, s."parent_agent_id", min(s."depth") as after
from whc_stage s
where s.whc_is_cycle and s."parent_agent_id" = s."child_agent_id"
group by s."parent_agent_id"
order by s."parent_agent_id"
limit 5;
-- change, counts the rows
create table "star"."bridge_tree"
  diststyle even as
select coalesce(d1."agent_key", -1) as "parent_agent_key",
  coalesce(d1."agent_durable_key", -1) as "parent_agent_durable_key",
  coalesce(d2."agent_key", -1) as "child_agent_key",
  coalesce(d2."agent_durable_key", -1) as "child_agent_durable_key",
  s."parent_agent_id",
  s."child_agent_id",
  s."depth",
  s."is_top",
  s."is_bottom"
from whc_stage s
left join (select y.* from (select x.*, row_number() over (partition by x."agent_id" order by x."agent_id", x."valid_from" desc) as whc_nth from "star"."dim_agent" x) y where y.whc_nth = 1) d1
  on s."parent_agent_id" = d1."agent_id"
left join (select y.* from (select x.*, row_number() over (partition by x."agent_id" order by x."agent_id", x."valid_from" desc) as whc_nth from "star"."dim_agent" x) y where y.whc_nth = 1) d2
  on s."child_agent_id" = d2."agent_id";
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."parent_agent_id") as whc_filled_0,
  count(g."child_agent_id") as whc_filled_1
from "star"."bridge_tree" g;
-- audit null-grain: rows mean that rows of bridge_tree have NULL in the grain (parent_agent_id, child_agent_id)
select count(*) over () as rows, f."parent_agent_id", f."child_agent_id", f."depth", f."is_top", f."is_bottom"
from "star"."bridge_tree" f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1)
  and (f."parent_agent_id" is null or f."child_agent_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of bridge_tree agree in the grain (parent_agent_id, child_agent_id)
select count(*) over () as keys, f."parent_agent_id", f."child_agent_id", count(*) as rows
from "star"."bridge_tree" f
group by f."parent_agent_id", f."child_agent_id" having count(*) > 1
order by count(*) desc, f."parent_agent_id", f."child_agent_id"
limit 5;
-- index
alter table "star"."bridge_tree" add unique ("parent_agent_id", "child_agent_id");
-- cleanup
drop table if exists "whc_stage", whc_count;
commit;
