select 1 as channel, 'a' as name
