-- model.shop.fct_order_line
-- foreign_key of customer_key is proved: the load finds each key in dim_customer, or takes that of a member
-- foreign_key of place_key is proved: the load finds each key in dim_place, or takes that of a member
-- foreign_key of order_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of ship_date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."fct_order_line";
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
-- prepare
create temporary table whc_from as
select max(f."ordered_at") - interval '3 days' as at from "star"."fct_order_line" f;
-- main
create temporary table whc_stage as
select s.*
from (
select * from staging.stg_order_lines
) s
where coalesce(s."ordered_at" >= (select whc_from.at from whc_from), true);
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
-- prepare
create temporary table whc_fact as
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
from whc_fact g;
-- audit null-grain: rows mean that rows of fct_order_line have NULL in the grain (order_id, line_no)
select count(*) over () as rows, f."order_id", f."line_no", f."ordered_at", f."amount"
from whc_fact f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0 or whc_rows <> whc_filled_1)
  and (f."order_id" is null or f."line_no" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_order_line agree in the grain (order_id, line_no)
select count(*) over () as keys, f."order_id", f."line_no", count(*) as rows
from whc_fact f
group by f."order_id", f."line_no" having count(*) > 1
order by count(*) desc, f."order_id", f."line_no"
limit 5;
-- change
update "star"."fct_order_line" f
set "customer_key" = n."customer_key", "place_key" = n."place_key", "order_date_key" = n."order_date_key", "ship_date_key" = n."ship_date_key", "ordered_at" = n."ordered_at", "amount" = n."amount"
from whc_fact n
where f."order_id" = n."order_id" and f."line_no" = n."line_no"
  and (case when f."customer_key" = n."customer_key" or (f."customer_key" is null and n."customer_key" is null) then false else true end
    or case when f."place_key" = n."place_key" or (f."place_key" is null and n."place_key" is null) then false else true end
    or case when f."order_date_key" = n."order_date_key" or (f."order_date_key" is null and n."order_date_key" is null) then false else true end
    or case when f."ship_date_key" = n."ship_date_key" or (f."ship_date_key" is null and n."ship_date_key" is null) then false else true end
    or case when f."ordered_at" = n."ordered_at" or (f."ordered_at" is null and n."ordered_at" is null) then false else true end
    or case when f."amount" = n."amount" or (f."amount" is null and n."amount" is null) then false else true end);
-- change, counts the rows
insert into "star"."fct_order_line" ("customer_key", "place_key", "order_date_key", "ship_date_key", "order_id", "line_no", "ordered_at", "amount")
select n."customer_key", n."place_key", n."order_date_key", n."ship_date_key", n."order_id", n."line_no", n."ordered_at", n."amount"
from whc_fact n
left join "star"."fct_order_line" f on f."order_id" = n."order_id" and f."line_no" = n."line_no"
where f."order_id" is null;
-- change
delete from "star"."fct_order_line__ledger" using whc_fact n
where "fct_order_line__ledger"."order_id" = n."order_id" and "fct_order_line__ledger"."line_no" = n."line_no" and "fct_order_line__ledger".kind = 'unresolved'
  and "fct_order_line__ledger".foreign_key = 'customer_key'
  and case when "fct_order_line__ledger".natural_key = n."whc_d1" or ("fct_order_line__ledger".natural_key is null and n."whc_d1" is null) then false else true end;
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'customer_key', n."order_id", n."line_no", n."whc_d1"
from whc_fact n
where n."whc_d1" is not null
and not exists (
  select 1 from "star"."fct_order_line__ledger" g
  where g."order_id" = n."order_id" and g."line_no" = n."line_no" and g.kind = 'unresolved' and g.foreign_key = 'customer_key');
-- change
delete from "star"."fct_order_line__ledger" using whc_fact n
where "fct_order_line__ledger"."order_id" = n."order_id" and "fct_order_line__ledger"."line_no" = n."line_no" and "fct_order_line__ledger".kind = 'unresolved'
  and "fct_order_line__ledger".foreign_key = 'place_key'
  and case when "fct_order_line__ledger".natural_key = n."whc_d2" or ("fct_order_line__ledger".natural_key is null and n."whc_d2" is null) then false else true end;
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'place_key', n."order_id", n."line_no", n."whc_d2"
from whc_fact n
where n."whc_d2" is not null
and not exists (
  select 1 from "star"."fct_order_line__ledger" g
  where g."order_id" = n."order_id" and g."line_no" = n."line_no" and g.kind = 'unresolved' and g.foreign_key = 'place_key');
-- prepare
create temporary table whc_d1_past as
select x."customer_key", x."customer_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_customer" x
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key = x.state)
union all
select g.surrogate_key, g."customer_id", null, null, false
from "star"."dim_customer__ledger" g
left join "star"."dim_customer" x on x."customer_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key = x.state)
  and g.kind = 'withdrawn' and x."customer_key" is null;
-- prepare
create temporary table whc_d1 as
select f."order_id", f."line_no", n."customer_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_order_line__ledger" u
  join "star"."dim_customer" n on cast(n."customer_id" as varchar(65535)) = u.natural_key
  join "star"."fct_order_line" f on f."order_id" = u."order_id" and f."line_no" = u."line_no"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", '9999-12-31')
  where u.kind = 'unresolved' and u.foreign_key = 'customer_key'
    and case when f."customer_key" = n."customer_key" or (f."customer_key" is null and n."customer_key" is null) then false else true end
union all
select f."order_id", f."line_no", coalesce(n."customer_key", -1),
    cast(o."customer_id" as varchar(65535))
  from "star"."fct_order_line" f
  join whc_d1_past o on o."customer_key" = f."customer_key"
  left join "star"."dim_customer" n on n."customer_id" = o."customer_id"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", '9999-12-31')
  where not coalesce(o.whc_there and f."ordered_at" >= o."valid_from"
    and f."ordered_at" < coalesce(o."valid_to", '9999-12-31'), false)
    and f."customer_key" not in (-1, -2);
-- change
update "star"."fct_order_line" f set "customer_key" = s.whc_key
from whc_d1 s
where f."order_id" = s."order_id" and f."line_no" = s."line_no";
-- change
delete from "star"."fct_order_line__ledger" using whc_d1 s
where "fct_order_line__ledger"."order_id" = s."order_id" and "fct_order_line__ledger"."line_no" = s."line_no" and "fct_order_line__ledger".kind = 'unresolved'
  and "fct_order_line__ledger".foreign_key = 'customer_key';
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'customer_key', s."order_id", s."line_no", s.whc_natural
from whc_d1 s
where s.whc_key = -1;
-- prepare
create temporary table whc_d2_past as
select x."place_key", x."country", x."city", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_place" x
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'place_key'
      and g.natural_key = x.state)
union all
select g.surrogate_key, g."country", g."city", null, null, false
from "star"."dim_place__ledger" g
left join "star"."dim_place" x on x."place_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_order_line__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'place_key'
      and g.natural_key = x.state)
  and g.kind = 'withdrawn' and x."place_key" is null;
-- prepare
create temporary table whc_d2 as
select f."order_id", f."line_no", n."place_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_order_line__ledger" u
  join "star"."dim_place" n on length(cast(n."country" as varchar(65535))) || ':' || cast(n."country" as varchar(65535)) || length(cast(n."city" as varchar(65535))) || ':' || cast(n."city" as varchar(65535)) = u.natural_key
  join "star"."fct_order_line" f on f."order_id" = u."order_id" and f."line_no" = u."line_no"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", '9999-12-31')
  where u.kind = 'unresolved' and u.foreign_key = 'place_key'
    and case when f."place_key" = n."place_key" or (f."place_key" is null and n."place_key" is null) then false else true end
union all
select f."order_id", f."line_no", coalesce(n."place_key", '-1'),
    length(cast(o."country" as varchar(65535))) || ':' || cast(o."country" as varchar(65535)) || length(cast(o."city" as varchar(65535))) || ':' || cast(o."city" as varchar(65535))
  from "star"."fct_order_line" f
  join whc_d2_past o on o."place_key" = f."place_key"
  left join "star"."dim_place" n on n."country" = o."country" and n."city" = o."city"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", '9999-12-31')
  where not coalesce(o.whc_there and f."ordered_at" >= o."valid_from"
    and f."ordered_at" < coalesce(o."valid_to", '9999-12-31'), false)
    and f."place_key" not in ('-1');
-- change
update "star"."fct_order_line" f set "place_key" = s.whc_key
from whc_d2 s
where f."order_id" = s."order_id" and f."line_no" = s."line_no";
-- change
delete from "star"."fct_order_line__ledger" using whc_d2 s
where "fct_order_line__ledger"."order_id" = s."order_id" and "fct_order_line__ledger"."line_no" = s."line_no" and "fct_order_line__ledger".kind = 'unresolved'
  and "fct_order_line__ledger".foreign_key = 'place_key';
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, "order_id", "line_no", natural_key)
select 'unresolved', 'place_key', s."order_id", s."line_no", s.whc_natural
from whc_d2 s
where s.whc_key = '-1';
-- change
delete from "star"."fct_order_line__ledger" using whc_dimension x
where "fct_order_line__ledger".kind = 'dimension' and "fct_order_line__ledger".foreign_key = x.foreign_key
  and case when "fct_order_line__ledger".natural_key = x.state or ("fct_order_line__ledger".natural_key is null and x.state is null) then false else true end;
-- change
insert into "star"."fct_order_line__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, cast(x.state as varchar(65535))
from whc_dimension x
where not exists (
  select 1 from "star"."fct_order_line__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key = x.state);
-- cleanup
drop table if exists whc_dimension, whc_from, whc_stage, whc_fact, whc_count, whc_d1_past, whc_d1, whc_d2_past, whc_d2;
commit;
