create schema raw;
create table raw.customers (customer_id int, name text, city text, updated_at timestamp);
create table raw.cities (city text, country text, changed_at timestamp);
create table raw.orders (order_id int, customer_id int, ordered_at timestamp, amount int);
insert into raw.customers values (1, 'Ann', 'Kiel', '2024-01-01'), (2, 'Ben', 'Ulm', '2024-01-01');
insert into raw.cities values ('Kiel', 'DE', '2023-01-01'), ('Ulm', 'DE', '2023-01-01');
insert into raw.orders values (10, 1, '2024-01-05', 5), (11, 2, '2024-01-06', 6), (12, 9, '2024-01-06', 7);
