select 1 as customer_id, current_date as visited_on
