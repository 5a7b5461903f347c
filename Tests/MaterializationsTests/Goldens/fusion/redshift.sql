-- test.shop.a, test.shop.b, test.shop.c, test.shop.f, test.shop.g
select
  count(case when order_id is null then 1 end),
  count(order_id),
  count(distinct order_id),
  count(case when status not in ('new', 'paid') then 1 end),
  count(case when status = 'paid' then order_id end),
  count(distinct case when status = 'paid' then order_id end)
from "shop"."marts"."orders";

-- test.shop.d, test.shop.e
select
  (select count(*) from (select distinct customer_id as from_field from "shop"."marts"."orders" where customer_id is not null) child
    where not exists (
      select 1 from (select id as to_field from "shop"."marts"."customers") parent
      where child.from_field = parent.to_field)),
  (select count(*) from (select distinct payer_id as from_field from "shop"."marts"."orders" where payer_id is not null) child
    where not exists (
      select 1 from (select id as to_field from "shop"."marts"."customers") parent
      where child.from_field = parent.to_field));
