-- test.shop.positive_amounts

-- one transaction; may be sent again
begin;
-- drop
drop table if exists "shop"."dbt_test__audit"."positive_amounts" cascade;
-- prepare
create view "shop"."dbt_test__audit"."positive_amounts"
  as (
select *
from orders
where amount < 0
  limit 3
  );
commit;

-- each statement for itself
-- main
select
  count(*) as failures,
  count(*) != 0 as should_warn,
  count(*) != 0 as should_error
from (
    select *
    from "shop"."dbt_test__audit"."positive_amounts"
) dbt_internal_test;

-- when it failed
select *
from "shop"."dbt_test__audit"."positive_amounts"
limit 5;
