create schema raw;
create table raw.orders (order_id int, ordered_at timestamp, amount int);
insert into raw.orders values (1, '2024-01-01', 5), (2, '2024-01-05', 6), (3, '2024-01-06', 7);
