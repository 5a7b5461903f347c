create schema raw;
create table raw.prices (article text, price numeric(12,2), since date);
insert into raw.prices values ('tea', 3, '2024-01-01'), ('tea', 4, '2024-03-01'), ('jam', 5, '2024-01-01');
create table raw.sales (id integer, article text, at date, pieces integer);
insert into raw.sales values (1, 'tea', '2024-02-10', 1), (2, 'tea', '2024-03-10', 1), (3, 'nut', '2024-03-11', 2);
