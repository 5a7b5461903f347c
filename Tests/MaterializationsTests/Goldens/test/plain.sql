-- test.shop.positive_amounts

-- each statement for itself
-- main
select
  count(*) as failures,
  count(*) != 0 as should_warn,
  count(*) != 0 as should_error
from (
select *
from orders
where amount < 0
) dbt_internal_test;

-- when it failed
select *
from (
select *
from orders
where amount < 0
) dbt_internal_test
limit 5;
