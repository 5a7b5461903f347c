select 10 as customer_id, 'Ann' as name, now() as signed_up
