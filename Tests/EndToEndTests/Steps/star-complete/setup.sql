create schema raw;
create table raw.customers (customer_id int, name text, region text);
create table raw.lines (
  order_id int, line_number int, customer_id int, ordered_at timestamp, shipped_at timestamp, is_gift boolean,
  channel text, amount numeric(10, 2), shipping numeric(10, 2));
create table raw.sellers (order_id int, customer_id int, share numeric(5, 4));
create table raw.regions (region text, parent text);
insert into raw.customers values (1, 'Ann', 'Kiel'), (2, 'Ben', 'Ulm'), (3, 'Cleo', 'Kiel');
insert into raw.lines values
  (10, 1, 1, '2024-01-05', '2024-01-07', true, 'web', 30.00, 5.00),
  (10, 2, 1, '2024-01-05', '2024-01-07', true, 'web', 30.00, 5.00),
  (10, 3, 1, '2024-01-05', '2024-01-08', false, null, 30.00, 5.00),
  (11, 1, 2, '2024-01-06', null, false, 'shop', 10.00, 2.00);
insert into raw.sellers values (10, 2, 0.5), (10, 3, 0.5), (11, 3, 1);
insert into raw.regions values ('North', null), ('Kiel', 'North'), ('South', null), ('Ulm', 'South');
