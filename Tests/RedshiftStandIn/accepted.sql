-- Statements that Redshift takes, in order, in one database; `->` tells the rows (values by |, NULL as ~) where they matter.
create schema if not exists "dev"."shop";
create table shop.orders (id integer not null, amount numeric(10,2), status varchar(20), placed timestamp default getdate(), primary key (id)) diststyle key distkey (id) compound sortkey (placed, id);
create table shop.staged (id integer not null encode az64, amount numeric(10,2) encode raw, status varchar(20)) diststyle even;
create table shop.customers (id bigint identity(1,1), name varchar(9), city char(10) default 'x') diststyle all;
create table shop.notes (id int, body text, doc super) backup no diststyle auto sortkey auto;
insert into shop.orders (id, amount, status) values (1, 10, 'open'), (2, 20, 'done'), (3, 30, 'open');
-- Keys are believed and not held.
insert into shop.orders (id, amount, status) values (3, 30, 'open');
select count(*) from shop.orders;
-- -> 4
delete from shop.orders where id = 3;
insert into shop.orders (id, amount, status) values (3, 30, 'open');
insert into shop.staged values (2, 25, 'done'), (4, 40, 'new');
-- Foreign keys are declared and not held; what they point to must be declared a key.
create table shop.lines (order_id integer not null references shop.orders (id), n integer, primary key (order_id, n));
insert into shop.lines values (99, 1), (99, 1);
create table shop.parts (order_id integer, n integer, constraint lines foreign key (order_id, n) references shop.lines (order_id, n));
alter table shop.staged add constraint staged_key primary key (id);
alter table shop.staged add constraint staged_orders foreign key (id) references shop.orders;
alter table shop.staged add unique (id, status);
alter table shop.staged add foreign key (id) references shop.orders (id);
select contype, count(*) from pg_catalog.pg_constraint con join pg_class c on c.oid = con.conrelid where c.relname = 'staged' group by 1 order by 1;
-- -> f|2 / p|1 / u|1
insert into shop.staged values (1, 1, 'a'), (1, 1, 'a');
alter table shop.staged drop constraint staged_orders;
delete from shop.staged where id = 1;
select count(*) from (select * from shop.lines where n = 1);
-- -> 2
create view shop.open_orders as select id, amount from shop.orders where status = 'open';
create view shop.late_orders as (select id, amount from shop.orders) with no schema binding;
create materialized view shop.totals backup no diststyle key distkey (status) sortkey (status) auto refresh yes as (select status, sum(amount) as amount from shop.orders group by 1);
select status, amount from shop.totals order by 1;
-- -> done|20.00 / open|40.00 ; the rows of a sum keep the scale
select id, dateadd(day, 1, '2024-01-31'::date), datediff(month, '2024-01-31'::date, '2024-02-01'::date), nvl(status, 'none') from shop.orders where id = 1;
-- -> 1|2024-02-01 00:00:00|1|open
select listagg(status, ', ') within group (order by id), median(amount) from shop.orders;
-- -> open, done, open|20
select id, sum(amount) over (order by id rows unbounded preceding) as running, row_number() over (order by id) as n from shop.orders order by id;
-- -> 1|10.00|1 / 2|30.00|2 / 3|60.00|3
select top 1 id from shop.orders order by id desc;
-- -> 3
select id from shop.orders qualify row_number() over (partition by status order by id desc) = 1 order by id;
-- -> 2 / 3
select decode(status, 'open', 1, 'done', 2, 0) from shop.orders where id = 2;
-- -> 2
select 'a\\b', 'it\'s';
-- -> a\b|it's
select "ID" from "SHOP"."Orders" where "Id" = 1;
-- -> 1
select avg(id) from shop.orders where id < 3;
-- -> 1
select json_extract_path_text('{"a": {"b": 1}}', 'a', 'b'), json_serialize(json_parse('[1, 2]'));
-- -> 1|[1, 2]
merge into shop.orders using shop.staged s on orders.id = s.id when matched then update set amount = s.amount when not matched then insert (id, amount, status) values (s.id, s.amount, s.status);
select id, amount from shop.orders order by id;
-- -> 1|10.00 / 2|25.00 / 3|30.00 / 4|40.00
update shop.orders set amount = s.amount + 1 from shop.staged s where orders.id = s.id and s.id = 4;
delete from shop.orders using shop.staged s where shop.orders.id = s.id and s.id = 4;
-- A view without schema binding outlives its table and follows its name; a bound one is dropped with it.
create table shop.orders_new as (select id, amount, status from shop.orders);
alter table shop.orders rename to orders_old;
alter table shop.orders_new rename to orders;
drop table shop.orders_old cascade;
select count(*) from shop.late_orders;
-- -> 3
select viewname from pg_views where schemaname = 'shop' order by 1;
-- -> late_orders
alter table shop.late_orders rename to later_orders;
alter table shop.later_orders rename to late_orders;
select viewname from pg_views where schemaname = 'shop' and viewname like 'late%' order by 1;
-- -> late_orders
select view_name, col_name, col_type from pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name, col_type varchar, ordinal_position int) order by ordinal_position;
-- -> late_orders|id|integer / late_orders|amount|numeric(10,2)
select count(*) from information_schema.columns where table_name = 'late_orders';
-- -> 0
select count(*) from pg_catalog.pg_attribute a join pg_class c on c.oid = a.attrelid where c.relname = 'late_orders';
-- -> 0
create materialized view shop.totals backup no diststyle key distkey (status) sortkey (status) auto refresh yes as (select status, sum(amount) as amount from shop.orders group by 1);
insert into shop.orders values (9, 5, 'new');
refresh materialized view shop.totals;
select status, amount from shop.totals where status = 'new';
-- -> new|5.00
alter materialized view shop.totals auto refresh no;
select autorefresh from svv_mv_info where name = 'totals';
-- -> f
select diststyle, sortkey1, max_varchar from svv_table_info where "table" = 'notes';
-- -> AUTO(ALL)|AUTO(SORTKEY)|256
alter table shop.notes add column extra varchar(5) default 'x';
alter table shop.notes alter column extra type varchar(40);
alter table shop.orders alter sortkey (id);
insert into shop.notes (id) values (1);
analyze shop.notes;
alter table shop.notes alter diststyle all;
alter table shop.staged alter diststyle key distkey id;
alter table shop.staged alter distkey status;
comment on view shop.totals is 'sums';
comment on column shop.orders.id is 'key';
-- TRUNCATE ends its transaction: what came before it stays though the transaction is given up.
begin;
insert into shop.staged values (7, 7, 'kept?');
truncate table shop.notes;
rollback;
select id from shop.staged where id = 7;
-- -> 7
-- Several statements in a string are one transaction.
insert into shop.staged values (8, 8, 'x'); insert into shop.staged values (9, 9, 'y');
set query_group to 'dbt';
show query_group;
-- -> dbt
reset query_group;
begin;
lock shop.orders;
commit;
vacuum full shop.orders to 100 percent;
analyze shop.orders;
with recursive n (i) as (select 1 union all select i + 1 from n where i < 3) select max(i) from n;
-- -> 3
show tables from schema dev.shop;
show columns from table dev.shop.customers;
create or replace function shop.twice(int) returns int stable as $$ select $1 * 2 $$ language sql;
select shop.twice(4);
-- -> 8
