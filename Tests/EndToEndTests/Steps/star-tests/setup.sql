create schema raw;
create table raw.customers (customer_id int, name text, updated_at timestamp);
create table raw.plans (plan text, price int);
create table raw.subscriptions (
  subscription_id int, customer_id int, plan text, signed_at timestamp, paid_at date);
insert into raw.customers values (1, 'Ann', '2024-01-01'), (2, 'Ben', '2024-01-01');
insert into raw.plans values ('free', 0), ('pro', 9);
insert into raw.subscriptions values
  (1, 1, 'free', '2024-01-03 10:00', null), (2, 2, 'pro', '2024-01-04 10:00', '2024-01-03'),
  (3, 7, 'pro', '2024-01-05 10:00', '2024-01-05');
