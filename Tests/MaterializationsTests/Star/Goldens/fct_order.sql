-- model.shop.fct_order
-- foreign_key of customer_key is proved: the load finds each key in dim_customer, or takes that of a member
-- foreign_key of ordered_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of shipped_date_key is proved: the load finds each key in dim_date, or takes that of a member
-- foreign_key of paid_date_key is proved: the load finds each key in dim_date, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_order', 0));
-- prepare
create table if not exists "star"."fct_order__ledger" (
  kind text not null,
  foreign_key text not null,
  "order_id" integer,
  natural_key text[]
);
-- comment
comment on table "star"."fct_order__ledger" is 'Natural keys that fct_order found no row for yet; kept by whc';
-- change
delete from "star"."fct_order__ledger";
-- prepare
create temporary table whc_dimension on commit drop as
select 'customer_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_customer" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_customer"'::regclass::oid::text as place;
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, array[x.state, x.horizon, x.place]
from pg_temp.whc_dimension x
where not exists (
  select 1 from "star"."fct_order__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state);
-- main, counts the rows
create table "star"."fct_order" as
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
  round((extract(epoch from (s."paid_at"::timestamptz - s."ordered_at"::timestamptz)) / 3600)::numeric, 2) as "ordered_to_paid_hours",
  case when d1."customer_key" is null and not (s."customer_id" is null) then array[s."customer_id"::text] end as "whc_d1"
from (
select * from staging.stg_orders
) s
left join "star"."dim_customer" d1
  on s."customer_id" = d1."customer_id"
    and s."ordered_at" >= d1."valid_from"
    and s."ordered_at" < coalesce(d1."valid_to", 'infinity')
left join "star"."dim_date" d2
  on s."ordered_at"::date = d2."date"
left join "star"."dim_date" d3
  on s."shipped_on" = d3."date"
left join "star"."dim_date" d4
  on s."paid_at"::date = d4."date";
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."order_id") as whc_filled_0,
  count(distinct g."order_id") as whc_keys,
  count(g."whc_d1") as whc_d1
from "star"."fct_order" g;
-- audit null-grain: rows mean that rows of fct_order have NULL in the grain (order_id)
select count(*) over () as rows, f."order_id", f."ordered_at", f."shipped_on", f."paid_at", f."amount"
from "star"."fct_order" f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0)
  and (f."order_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_order agree in the grain (order_id)
select count(*) over () as keys, f."order_id", count(*) as rows
from "star"."fct_order" f
where exists (select 1 from pg_temp.whc_count where whc_filled_0 <> whc_keys)
group by f."order_id" having count(*) > 1
order by count(*) desc, f."order_id"
limit 5;
-- audit milestone-order: rows mean that rows of fct_order reach a later milestone before an earlier one
select count(*) over () as rows, f."order_id", f."ordered_at", f."shipped_on", f."paid_at"
from "star"."fct_order" f
where (f."shipped_on" < f."ordered_at"::date
    or f."paid_at"::date < greatest(f."ordered_at"::date, f."shipped_on"))
order by f."order_id"
limit 5;
-- change
insert into "star"."fct_order__ledger" (kind, foreign_key, "order_id", natural_key)
select 'unresolved', 'customer_key', n."order_id", n."whc_d1"
from "star"."fct_order" n
where n."whc_d1" is not null and exists (select 1 from pg_temp.whc_count where whc_d1 > 0);
-- change
alter table "star"."fct_order" drop column "whc_d1";
commit;
