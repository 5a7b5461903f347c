create schema raw;
create table raw.prices (article text, price numeric(12,2), since date);
insert into raw.prices values ('tea', 3, '2024-01-01'), ('tea', 4, '2024-03-01'), ('jam', 5, '2024-01-01');
create table raw.sales (id integer, article text, at date, pieces integer);
insert into raw.sales values (1, 'tea', '2024-02-10', 1), (2, 'tea', '2024-03-10', 1), (3, 'nut', '2024-03-11', 2);
create table raw.clients (client_id integer, city text, tier text, updated_at timestamp);
insert into raw.clients values (1, 'Ulm', 'gold', '2024-01-01'), (2, 'Kiel', 'tin', '2024-01-02'), (3, 'Bonn', 'tin', '2024-01-03');
create schema shop;
create table shop.dim_shop (sk integer, shop_no text, street text, manager text, start_date date, end_date date, note text);
insert into shop.dim_shop values
  (0, 'none', 'Unknown', null, '1900-01-01', '9999-12-31', null),
  (11, 'A', 'Elm Street', 'Ann', '2020-01-01', '2021-06-30', 'old'),
  (17, 'A', 'Oak Street', 'Ben', '2021-07-01', '9999-12-31', 'new'),
  (12, 'B', 'Mill Lane', 'Cid', '2020-02-01', '2022-12-31', null),
  (23, 'B', 'Mill Lane', 'Dan', '2022-12-01', '9999-12-31', null);
create view shop.shop_now as select sk, street from shop.dim_shop where end_date = '9999-12-31';
create role shop_reader;
grant select on shop.dim_shop to shop_reader;
create table raw.shops (sk_no text, street text, manager text);
insert into raw.shops values ('A', 'Ash Street', 'Ben'), ('B', 'Mill Lane', 'Dan');
