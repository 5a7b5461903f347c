select 1 as id, 10 as customer_id, now() as ordered_at, 5 as amount, 'x' as status
