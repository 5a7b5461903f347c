-- test.shop.positive_amounts

-- each statement for itself
-- main
select
  sum(n_records) as failures,
  sum(n_records) >10 as should_warn,
  sum(n_records) between 20 and 30 as should_error
from (
select *
from orders
where amount < 0
  limit 50
) dbt_internal_test;

-- when it failed
select *
from (
select *
from orders
where amount < 0
  limit 50
) dbt_internal_test
limit 5;
