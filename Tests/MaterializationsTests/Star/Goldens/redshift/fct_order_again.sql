-- model.shop.fct_order
-- foreign_key of customer_key is proved: the load finds each key in dim_customer, or takes that of a member
-- foreign_key of ordered_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of shipped_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of paid_date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."fct_order";
-- prepare
create table if not exists "star"."fct_order__ledger" (
  kind text not null,
  foreign_key text not null,
  "order_id" integer,
  natural_key varchar(65535)
);
-- comment
comment on table "star"."fct_order__ledger" is 'Natural keys that fct_order found no row for yet; kept by whc';
-- prepare
create temporary table whc_dimension as
select cast('customer_key' as varchar(256)) as foreign_key,
  cast(count(*) as varchar(32)) || '/'
    || cast(coalesce(sum(strtol(left(md5(coalesce(cast(x."customer_key" as varchar(65535)), '') || '/' || coalesce(cast(x."customer_id" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_from" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_to" as varchar(65535)), '')), 12), 16)), 0) as varchar(64)) as state
from "star"."dim_customer" x;
-- main
create temporary table whc_stage as
select s.*
from (
select * from staging.stg_orders
) s;
-- prepare
update whc_stage s
set "ordered_at" = coalesce(s."ordered_at", f."ordered_at"), "shipped_on" = coalesce(s."shipped_on", f."shipped_on"), "paid_at" = coalesce(s."paid_at", f."paid_at")
from "star"."fct_order" f
where f."order_id" = s."order_id"
  and (s."ordered_at" is null and f."ordered_at" is not null
    or s."shipped_on" is null and f."shipped_on" is not null
    or s."paid_at" is null and f."paid_at" is not null);
-- prepare
create temporary table whc_fact as
select coalesce(d1."customer_key", -1) as "customer_key",
  coalesce(d2."date_key", case when (s."ordered_at" is null) then -2 else -1 end) as "ordered_date_key",
  coalesce(d3."date_key", case when (s."shipped_on" is null) then -2 else -1 end) as "shipped_date_key",
  coalesce(d4."date_key", case when (s."paid_at" is null) then -2 else -1 end) as "paid_date_key",
  s."order_id",
  s."ordered_at",
  s."shipped_on",
  s."paid_at",
  s."amount",
  (s."shipped_on" - s."ordered_at"::date) as "ordered_to_shipped_days",
  cast(round(cast(datediff(microsecond, s."ordered_at"::timestamptz, s."paid_at"::timestamptz) as numeric(20,0)) / 3600000000, 2) as numeric(18,2)) as "ordered_to_paid_hours",
  case when d1."customer_key" is null and not (s."customer_id" is null) then cast(s."customer_id" as varchar(65535)) end as "whc_d1"
from whc_stage s
left join "star"."dim_customer" d1
  on s."customer_id" = d1."customer_id"
    and s."ordered_at" >= d1."valid_from"
    and s."ordered_at" < coalesce(d1."valid_to", '9999-12-31')
left join "star"."dim_date" d2
  on s."ordered_at"::date = d2."date"
left join "star"."dim_date" d3
  on s."shipped_on" = d3."date"
left join "star"."dim_date" d4
  on s."paid_at"::date = d4."date";
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."order_id") as whc_filled_0,
  count(distinct g."order_id") as whc_keys,
  count(g."whc_d1") as whc_d1
from whc_fact g;
-- audit null-grain: rows mean that rows of fct_order have NULL in the grain (order_id)
select count(*) over () as rows, f."order_id", f."ordered_at", f."shipped_on", f."paid_at", f."amount"
from whc_fact f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0)
  and (f."order_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_order agree in the grain (order_id)
select count(*) over () as keys, f."order_id", count(*) as rows
from whc_fact f
where exists (select 1 from whc_count where whc_filled_0 <> whc_keys)
group by f."order_id" having count(*) > 1
order by count(*) desc, f."order_id"
limit 5;
-- audit milestone-order: rows mean that rows of fct_order reach a later milestone before an earlier one
select count(*) over () as rows, f."order_id", f."ordered_at", f."shipped_on", f."paid_at"
from whc_fact f
where (f."shipped_on" < f."ordered_at"::date
    or f."paid_at"::date < greatest(f."ordered_at"::date, f."shipped_on"))
order by f."order_id"
limit 5;
-- change
update "star"."fct_order" f
set "customer_key" = n."customer_key", "ordered_date_key" = n."ordered_date_key", "shipped_date_key" = n."shipped_date_key", "paid_date_key" = n."paid_date_key", "ordered_at" = n."ordered_at", "shipped_on" = n."shipped_on", "paid_at" = n."paid_at", "amount" = n."amount", "ordered_to_shipped_days" = n."ordered_to_shipped_days", "ordered_to_paid_hours" = n."ordered_to_paid_hours"
from whc_fact n
where f."order_id" = n."order_id"
  and (case when f."customer_key" = n."customer_key" or (f."customer_key" is null and n."customer_key" is null) then false else true end
    or case when f."ordered_date_key" = n."ordered_date_key" or (f."ordered_date_key" is null and n."ordered_date_key" is null) then false else true end
    or case when f."shipped_date_key" = n."shipped_date_key" or (f."shipped_date_key" is null and n."shipped_date_key" is null) then false else true end
    or case when f."paid_date_key" = n."paid_date_key" or (f."paid_date_key" is null and n."paid_date_key" is null) then false else true end
    or case when f."ordered_at" = n."ordered_at" or (f."ordered_at" is null and n."ordered_at" is null) then false else true end
    or case when f."shipped_on" = n."shipped_on" or (f."shipped_on" is null and n."shipped_on" is null) then false else true end
    or case when f."paid_at" = n."paid_at" or (f."paid_at" is null and n."paid_at" is null) then false else true end
    or case when f."amount" = n."amount" or (f."amount" is null and n."amount" is null) then false else true end
    or case when f."ordered_to_shipped_days" = n."ordered_to_shipped_days" or (f."ordered_to_shipped_days" is null and n."ordered_to_shipped_days" is null) then false else true end
    or case when f."ordered_to_paid_hours" = n."ordered_to_paid_hours" or (f."ordered_to_paid_hours" is null and n."ordered_to_paid_hours" is null) then false else true end);
-- change, counts the rows
insert into "star"."fct_order" ("customer_key", "ordered_date_key", "shipped_date_key", "paid_date_key", "order_id", "ordered_at", "shipped_on", "paid_at", "amount", "ordered_to_shipped_days", "ordered_to_paid_hours")
select n."customer_key", n."ordered_date_key", n."shipped_date_key", n."paid_date_key", n."order_id", n."ordered_at", n."shipped_on", n."paid_at", n."amount", n."ordered_to_shipped_days", n."ordered_to_paid_hours"
from whc_fact n
left join "star"."fct_order" f on f."order_id" = n."order_id"
where f."order_id" is null;
-- change
delete from "star"."fct_order__ledger" using whc_fact n
where "fct_order__ledger"."order_id" = n."order_id" and "fct_order__ledger".kind = 'unresolved'
  and "fct_order__ledger".foreign_key = 'customer_key'
  and case when "fct_order__ledger".natural_key = n."whc_d1" or ("fct_order__ledger".natural_key is null and n."whc_d1" is null) then false else true end;
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, "order_id", natural_key)
select 'unresolved', 'customer_key', n."order_id", n."whc_d1"
from whc_fact n
where n."whc_d1" is not null
and not exists (
  select 1 from "star"."fct_order__ledger" g
  where g."order_id" = n."order_id" and g.kind = 'unresolved' and g.foreign_key = 'customer_key');
-- prepare
create temporary table whc_d1_past as
select x."customer_key", x."customer_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_customer" x
where not exists (
    select 1 from "star"."fct_order__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key = x.state)
union all
select g.surrogate_key, g."customer_id", null, null, false
from "star"."dim_customer__ledger" g
left join "star"."dim_customer" x on x."customer_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_order__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'customer_key'
      and g.natural_key = x.state)
  and g.kind = 'withdrawn' and x."customer_key" is null;
-- prepare
create temporary table whc_d1 as
select f."order_id", n."customer_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_order__ledger" u
  join "star"."dim_customer" n on cast(n."customer_id" as varchar(65535)) = u.natural_key
  join "star"."fct_order" f on f."order_id" = u."order_id"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", '9999-12-31')
  where u.kind = 'unresolved' and u.foreign_key = 'customer_key'
    and case when f."customer_key" = n."customer_key" or (f."customer_key" is null and n."customer_key" is null) then false else true end
union all
select f."order_id", coalesce(n."customer_key", -1),
    cast(o."customer_id" as varchar(65535))
  from "star"."fct_order" f
  join whc_d1_past o on o."customer_key" = f."customer_key"
  left join "star"."dim_customer" n on n."customer_id" = o."customer_id"
    and f."ordered_at" >= n."valid_from"
    and f."ordered_at" < coalesce(n."valid_to", '9999-12-31')
  where not coalesce(o.whc_there and f."ordered_at" >= o."valid_from"
    and f."ordered_at" < coalesce(o."valid_to", '9999-12-31'), false)
    and f."customer_key" not in (-1, -2);
-- change
update "star"."fct_order" f set "customer_key" = s.whc_key
from whc_d1 s
where f."order_id" = s."order_id";
-- change
delete from "star"."fct_order__ledger" using whc_d1 s
where "fct_order__ledger"."order_id" = s."order_id" and "fct_order__ledger".kind = 'unresolved'
  and "fct_order__ledger".foreign_key = 'customer_key';
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, "order_id", natural_key)
select 'unresolved', 'customer_key', s."order_id", s.whc_natural
from whc_d1 s
where s.whc_key = -1;
-- change
delete from "star"."fct_order__ledger" using whc_dimension x
where "fct_order__ledger".kind = 'dimension' and "fct_order__ledger".foreign_key = x.foreign_key
  and case when "fct_order__ledger".natural_key = x.state or ("fct_order__ledger".natural_key is null and x.state is null) then false else true end;
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, cast(x.state as varchar(65535))
from whc_dimension x
where not exists (
  select 1 from "star"."fct_order__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key = x.state);
-- cleanup
drop table if exists whc_dimension, whc_stage, whc_fact, whc_count, whc_d1_past, whc_d1;
commit;
