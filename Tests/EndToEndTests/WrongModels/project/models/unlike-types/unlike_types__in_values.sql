select v.a from (values (1), (current_date)) as v (a)
