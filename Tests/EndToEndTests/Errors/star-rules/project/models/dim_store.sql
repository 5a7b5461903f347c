select 1 as store_id, 'a' as name
