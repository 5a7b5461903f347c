create schema raw;
create table raw.history (sk int, customer_id int, name text, ages text, income text, from_day date, to_day date);
insert into raw.history values
  (11, 1, 'Ann', '20-30', 'low', '2023-01-01', '2023-06-01'), (12, 1, 'Ann', '20-30', 'high', '2023-06-01', null),
  (13, 2, 'Ben', '30-40', 'low', '2023-02-01', null);
create table raw.customers (customer_id int, name text, age_band text, income text, updated_at timestamp);
insert into raw.customers values
  (1, 'Ann', '30-40', 'high', '2024-01-01'), (2, 'Ben', '30-40', 'low', '2023-02-01'), (3, 'Cleo', '20-30', 'low', '2024-01-01');
create table raw.orders (order_id int, customer_id int, ordered_at timestamp);
insert into raw.orders values (1, 1, '2023-02-01'), (2, 1, '2023-07-01'), (3, 1, '2024-02-01'), (4, 3, '2024-02-01');
