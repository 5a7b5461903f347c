select * from (values (1, 'Ada'), (null, 'Bela')) as t (customer_id, name)
