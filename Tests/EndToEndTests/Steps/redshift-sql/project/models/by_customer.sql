select * from (select customer_id, amount from {{ ref('latest') }}) pivot (sum(amount) for customer_id in (1, 2))
