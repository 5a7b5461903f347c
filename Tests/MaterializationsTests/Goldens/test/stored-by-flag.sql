-- test.shop.positive_amounts

-- each statement for itself; may be sent again
-- prepare
create table "shop"."dbt_test__audit"."positive_amounts"
  as (
select *
from orders
where amount < 0
  );

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
