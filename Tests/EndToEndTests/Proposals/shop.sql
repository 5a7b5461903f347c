-- A shop: declared keys, a header with lines, a tree, flags, a table of pairs, names in capital letters.
create schema shop;
create table shop.categories (id int primary key, name text not null, parent_id int references shop.categories);
create table shop.products (
  id int primary key, category_id int not null references shop.categories, sku text not null unique,
  name text not null, list_price numeric(10,2) not null, updated_at timestamp not null);
create table shop.customers (
  id bigint primary key, name text not null, email text, segment text not null, "Birth Date" date,
  is_business boolean not null default false, created_at timestamptz not null, updated_at timestamptz not null);
create table shop.tags (id int primary key, tag text not null);
create table shop.product_tags (
  product_id int not null references shop.products, tag_id int not null references shop.tags,
  primary key (product_id, tag_id));
create table shop.orders (
  id bigint primary key, customer_id bigint not null references shop.customers,
  salesperson int, status text not null, ordered_at timestamptz not null, due_date date,
  "Comment" text, updated_at timestamptz not null);
create table shop.order_items (
  order_id bigint not null references shop.orders, line_no int not null,
  product_id int not null references shop.products, quantity int not null, unit_price numeric(10,2) not null,
  amount numeric(12,2) not null, is_gift boolean not null, primary key (order_id, line_no));
create table shop.employees (id int primary key, full_name text not null, manager_id int, hired_on date not null);
comment on table shop.customers is 'People and firms that "buy"';

insert into shop.categories select g, 'category ' || g, case when g > 2 then 1 + g % 2 end from generate_series(1, 8) g;
insert into shop.products select g, 1 + g % 8, 'SKU-' || g, 'product ' || g, (g * 7 % 90) + 0.99,
  timestamp '2025-01-01' + g * interval '1 hour' from generate_series(1, 40) g;
insert into shop.customers select g, 'customer ' || g, case when g % 9 > 0 then 'c' || g || '@example.com' end,
  (array['small', 'middle', 'large'])[1 + g % 3], case when g % 4 > 0 then date '1960-01-01' + g * 90 end, g % 5 = 0,
  timestamptz '2024-01-01 UTC' + g * interval '1 day', timestamptz '2025-02-01 UTC' + g * interval '1 hour'
  from generate_series(1, 60) g;
insert into shop.tags values (1, 'new'), (2, 'sale'), (3, 'green');
insert into shop.product_tags select p, t from generate_series(1, 40) p, generate_series(1, 3) t where (p + t) % 2 = 0;
insert into shop.employees select g, 'employee ' || g, case when g > 1 then 1 + g / 4 end, date '2020-01-01' + g
  from generate_series(1, 9) g;
insert into shop.orders select g, 1 + g % 60, case when g % 3 > 0 then 1 + g % 9 end,
  (array['open', 'paid', 'sent'])[1 + g % 3], timestamptz '2025-01-01 UTC' + g * interval '5 hours',
  case when g % 7 > 0 then date '2025-01-10' + g / 5 end, case when g % 10 = 0 then repeat('please ', 12) end,
  timestamptz '2025-01-02 UTC' + g * interval '5 hours' from generate_series(1, 300) g;
insert into shop.order_items select o, l, 1 + (o * l) % 40, 1 + l, 9.99, 9.99 * (1 + l), (o + l) % 6 = 0
  from generate_series(1, 300) o, generate_series(1, 3) l where l <= 1 + o % 3;
