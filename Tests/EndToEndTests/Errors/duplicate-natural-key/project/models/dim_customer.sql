select * from (values (1, 'Ada'), (2, 'Bela'), (1, 'Ada L.')) as t (customer_id, name)
