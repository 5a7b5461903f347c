-- test.shop.a, test.shop.b, test.shop.c, test.shop.f, test.shop.g
set local jit = off;
select
  count(*) filter (where order_id is null),
  count(order_id),
  count(distinct order_id),
  count(*) filter (where status not in ('new', 'paid')),
  count(order_id) filter (where status = 'paid'),
  count(distinct order_id) filter (where status = 'paid')
from "shop"."marts"."orders";

-- test.shop.d, test.shop.e
set local jit = off;
with dbt_internal_sample as materialized (
  select count(distinct v0) <= 5000 as repeats0,
    count(distinct v1) <= 5000 as repeats1
  from (select customer_id as v0, payer_id as v1 from "shop"."marts"."orders" limit 20000) rows
), dbt_internal_values as materialized (
  select grouping(v0, v1) as g, v0, v1
  from (
    select case when (select repeats0 from dbt_internal_sample) then customer_id end as v0,
      case when (select repeats1 from dbt_internal_sample) then payer_id end as v1
    from "shop"."marts"."orders"
    offset 0
  ) rows
  group by grouping sets ((v0), (v1))
)
select
  case when (select repeats0 from dbt_internal_sample)
    then (select count(*) from (select v0 as from_field from dbt_internal_values where g = 1 and v0 is not null) child
    where not exists (
      select 1 from (select id as to_field from "shop"."marts"."customers") parent
      where child.from_field = parent.to_field))
    else (select count(*) from (select customer_id as from_field from "shop"."marts"."orders" where customer_id is not null) child
    where not exists (
      select 1 from (select id as to_field from "shop"."marts"."customers") parent
      where child.from_field = parent.to_field)) end,
  case when (select repeats1 from dbt_internal_sample)
    then (select count(*) from (select v1 as from_field from dbt_internal_values where g = 2 and v1 is not null) child
    where not exists (
      select 1 from (select id as to_field from "shop"."marts"."customers") parent
      where child.from_field = parent.to_field))
    else (select count(*) from (select payer_id as from_field from "shop"."marts"."orders" where payer_id is not null) child
    where not exists (
      select 1 from (select id as to_field from "shop"."marts"."customers") parent
      where child.from_field = parent.to_field)) end;
