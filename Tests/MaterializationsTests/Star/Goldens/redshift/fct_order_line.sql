-- model.shop.fct_order_line
-- foreign_key of customer_key is proved: the load finds each key in dim_customer, or takes that of a member
-- foreign_key of place_key is proved: the load finds each key in dim_place, or takes that of a member
-- foreign_key of order_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of ship_date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- prepare
create table if not exists "star"."fct_order_line__ledger" (
  kind text not null,
  foreign_key text not null,
  "order_id" integer,
  "line_no" integer,
  natural_key varchar(65535)
);
-- comment
comment on table "star"."fct_order_line__ledger" is 'Natural keys that fct_order_line found no row for yet; kept by whc';
-- change
delete from "star"."fct_order_line__ledger";
-- prepare
create temporary table whc_dimension as
select cast('customer_key' as varchar(256)) as foreign_key,
  cast(count(*) as varchar(32)) || '/'
    || cast(coalesce(sum(strtol(left(md5(coalesce(cast(x."customer_key" as varchar(65535)), '') || '/' || coalesce(cast(x."customer_id" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_from" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_to" as varchar(65535)), '')), 12), 16)), 0) as varchar(64)) as state
from "star"."dim_customer" x
union all
select cast('place_key' as varchar(256)) as foreign_key,
  cast(count(*) as varchar(32)) || '/'
    || cast(coalesce(sum(strtol(left(md5(coalesce(cast(x."place_key" as varchar(65535)), '') || '/' || coalesce(cast(x."country" as varchar(65535)), '') || '/' || coalesce(cast(x."city" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_from" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_to" as varchar(65535)), '')), 12), 16)), 0) as varchar(64)) as state
from "star"."dim_place" x;
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, cast(x.state as varchar(65535))
from whc_dimension x
where not exists (
  select 1 from "star"."fct_order_line__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key = x.state);
-- main
create temporary table "whc_stage"
  as (
select * from staging.stg_order_lines
  );
-- lock
lock table "star"."dim_customer";
-- change
insert into "star"."dim_customer" ("customer_key", "customer_id", "valid_from",
  "valid_to", "is_current", "is_inferred")
select (select greatest(coalesce((select max("customer_key") from "star"."dim_customer"), 0),
      coalesce((select max(surrogate_key) from "star"."dim_customer__ledger"), 0), 0))
    + row_number() over (order by n."customer_id"),
  n."customer_id", '1900-01-01', null, true, true
from (
  select distinct s."customer_id" as "customer_id"
  from whc_stage s
  left join "star"."dim_customer" d on s."customer_id" = d."customer_id"
  where not (s."customer_id" is null) and d."customer_key" is null
) n;
-- change, counts the rows
create table "star"."fct_order_line" as
select coalesce(d1."customer_key", -1) as "customer_key",
  coalesce(d2."place_key", '-1') as "place_key",
  coalesce(d3."date_key", -1) as "order_date_key",
  coalesce(d4."date_key", case when (s."shipped_on" is null) then -2 else -1 end) as "ship_date_key",
  s."order_id",
  s."line_no",
  s."ordered_at",
  s."amount",
  case when d1."customer_key" is null and not (s."customer_id" is null) then cast(s."customer_id" as varchar(65535)) end as "whc_d1",
  case when d2."place_key" is null and not (s."country" is null or s."city" is null) then length(cast(s."country" as varchar(65535))) || ':' || cast(s."country" as varchar(65535)) || length(cast(s."city" as varchar(65535))) || ':' || cast(s."city" as varchar(65535)) end as "whc_d2"
from whc_stage s
left join "star"."dim_customer" d1
  on s."customer_id" = d1."customer_id"
    and s."ordered_at" >= d1."valid_from"
    and s."ordered_at" < coalesce(d1."valid_to", '9999-12-31')
left join "star"."dim_place" d2
  on s."country" = d2."country" and s."city" = d2."city"
    and s."ordered_at" >= d2."valid_from"
    and s."ordered_at" < coalesce(d2."valid_to", '9999-12-31')
left join "star"."dim_date" d3
  on s."ordered_at"::date = d3."date"
left join "star"."dim_date" d4
  on s."shipped_on" = d4."date";
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."order_id") as whc_filled_0,
  count(g."line_no") as whc_filled_1,
  count(g."whc_d1") as whc_d1,
  count(g."whc_d2") as whc_d2
from "star"."fct_order_line" g;
-- audit null-grain: rows mean that rows of fct_order_line have NULL in the grain (order_id, line_no)
select count(*) over () as rows, f."order_id", f."line_no", f."ordered_at", f."amount"
from "star"."fct_order_line" f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1)
  and (f."order_id" is null or f."line_no" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_order_line agree in the grain (order_id, line_no)
select count(*) over () as keys, f."order_id", f."line_no", count(*) as rows
from "star"."fct_order_line" f
group by f."order_id", f."line_no" having count(*) > 1
order by count(*) desc, f."order_id", f."line_no"
limit 5;
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'customer_key', n."order_id", n."line_no", n."whc_d1"
from "star"."fct_order_line" n
where n."whc_d1" is not null and exists (select 1 from whc_count where whc_d1 > 0);
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'place_key', n."order_id", n."line_no", n."whc_d2"
from "star"."fct_order_line" n
where n."whc_d2" is not null and exists (select 1 from whc_count where whc_d2 > 0);
-- change
alter table "star"."fct_order_line" drop column "whc_d1";
-- change
alter table "star"."fct_order_line" drop column "whc_d2";
-- cleanup
drop table if exists whc_dimension, "whc_stage", whc_count;
commit;
