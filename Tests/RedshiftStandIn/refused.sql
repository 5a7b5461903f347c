-- Statements that Redshift refuses. Above each: its SQLSTATE, a part of the message, and where it is written (DG is
-- https://docs.aws.amazon.com/redshift/latest/dg/, DBT is dbt-redshift 1.11.1). AWS tells few messages; where no page tells one, only
-- what is refused is known and the wording is the stand-in's. `transaction` sends the statement inside of a transaction, `string` after
-- another one in the same string. The tables are those of accepted.sql.

-- 42601 | syntax error at or near "on" | DG r_INSERT_30.html: no ON CONFLICT
insert into shop.orders (id, amount) values (1, 2) on conflict (id) do nothing;
-- 42601 | syntax error at or near "on" | DG r_INSERT_30.html: no ON CONFLICT
insert into shop.orders (id, amount) select id, 1 from shop.staged on conflict (id) do update set amount = 1;
-- 42601 | syntax error at or near "returning" | DG r_INSERT_30.html: no RETURNING
insert into shop.orders (id) values (7) returning id;
-- 42601 | syntax error at or near "insert" | DG r_WITH_clause.html: WITH stands inside of INSERT
with a as (select id from shop.staged) insert into shop.orders (id) select id from a;
-- 42601 | syntax error at or near "overriding" | DG r_INSERT_30.html
insert into shop.orders (id) overriding system value values (1);
-- 42601 | syntax error at or near "as" | DG r_INSERT_30.html: the target has no alias
insert into shop.orders as o (id) values (1);
-- 42601 | syntax error at or near "returning" | DG r_UPDATE.html
update shop.orders set amount = 2 where id = 1 returning id;
-- 42601 | syntax error at or near "(" | DG r_UPDATE.html: one column a time
update shop.orders set (amount, status) = (1, 'x') where id = 1;
-- 0A000 | Target table must be part of an equijoin predicate | DG r_UPDATE.html: no outer joins
update shop.orders set amount = s.amount from shop.staged s left join shop.customers c on c.id = s.id where orders.id = s.id;
-- 0A000 | Target table must be part of an equijoin predicate | DG r_UPDATE.html
update shop.orders set amount = s.amount from shop.staged s;
-- 42601 | syntax error at or near "returning" | DG r_DELETE.html
delete from shop.orders where id = 1 returning *;
-- 42601 | syntax error at or near "o" | DG r_DELETE.html: the target has no alias
delete from shop.orders o using shop.staged s where o.id = s.id;
-- 42601 | syntax error at or near "as" | DG r_DELETE.html: the target has no alias
delete from shop.orders as o where o.id = 1;
-- 42601 | syntax error at or near "as" | DG r_MERGE.html: the target has no alias
merge into shop.orders as o using shop.staged s on o.id = s.id when matched then update set amount = s.amount when not matched then insert (id) values (s.id);
-- 42601 | syntax error at or near "and" | DG r_MERGE.html: WHEN takes no AND
merge into shop.orders using shop.staged s on orders.id = s.id when matched and s.amount > 1 then update set amount = s.amount when not matched then insert (id) values (s.id);
-- 42601 | MERGE takes exactly one | DG r_MERGE.html: two WHEN MATCHED
merge into shop.orders using shop.staged s on orders.id = s.id when matched then update set amount = s.amount when matched then delete when not matched then insert (id) values (s.id);
-- 42601 | MERGE takes exactly one | DG r_MERGE.html: no WHEN NOT MATCHED
merge into shop.orders using shop.staged s on orders.id = s.id when matched then update set amount = s.amount;
-- 42601 | syntax error at or near "do" | DG r_MERGE.html: no DO NOTHING
merge into shop.orders using shop.staged s on orders.id = s.id when matched then do nothing when not matched then insert (id) values (s.id);
-- 0A000 | MERGE takes a table as its source | DG r_MERGE.html
merge into shop.orders using (select * from shop.staged) s on orders.id = s.id when matched then update set amount = s.amount when not matched then insert (id) values (s.id);
-- 42601 | syntax error at or near "by" | DG r_MERGE.html: no BY SOURCE
merge into shop.orders using shop.staged s on orders.id = s.id when matched then update set amount = s.amount when not matched by source then delete;
-- 0A000 | LOAD source is not supported | DG copy-parameters-data-source.html: no STDIN
copy shop.orders from stdin;
-- 0A000 | LOAD source is not supported | DG copy-parameters-data-source.html: no files of the server
copy shop.orders from '/tmp/orders.csv' csv;
-- 42601 | syntax error at or near "to" | DG r_UNLOAD.html: COPY only loads
copy shop.orders to stdout;
-- 42601 | syntax error at or near "(" | DG r_UNLOAD.html: COPY only loads
copy (select * from shop.orders) to stdout;
-- 42601 | syntax error at or near "," | DG r_TRUNCATE.html: one table
truncate shop.orders, shop.staged;
-- 42601 | syntax error at or near "cascade" | DG r_TRUNCATE.html
truncate table shop.orders cascade;
-- 42601 | syntax error at or near "restart" | DG r_TRUNCATE.html
truncate shop.orders restart identity;
-- 42601 | syntax error at or near "in" | DG r_LOCK.html: no modes
lock table shop.orders in share row exclusive mode;

-- 0A000 | not supported | DG c_unsupported-postgresql-features.html: indexes
create index orders_status on shop.orders (status);
-- 0A000 | not supported | DG c_unsupported-postgresql-features.html: indexes
create unique index if not exists orders_id on shop.orders using btree (id);
-- 0A000 | not supported | DG c_unsupported-postgresql-features.html: sequences
create sequence shop.keys;
-- 0A000 | not supported | DG c_unsupported-postgresql-features.html: triggers
create trigger t before insert on shop.orders for each row execute function f();
-- 0A000 | not supported | DG c_unsupported-postgresql-features.html: rules
create rule r as on insert to shop.orders do instead nothing;
-- 0A000 | not supported | DG c_SQL_commands.html: no domains
create domain shop.positive as integer;
-- 0A000 | not supported | DG c_unsupported-postgresql-datatypes.html: composite types and enums
create type shop.status as enum ('a', 'b');
-- 0A000 | not supported | DG c_SQL_commands.html: no extensions
create extension if not exists hstore;
-- 0A000 | not supported | DG c_unsupported-postgresql-features.html: tablespaces
create tablespace fast location '/data';
-- 0A000 | not supported | DG c_unsupported-postgresql-features.html: user-defined aggregates
create aggregate shop.first(integer) (sfunc = int4larger, stype = integer);
-- 0A000 | not supported | DG c_SQL_commands.html
drop index shop.orders_status;
-- 0A000 | not supported | DG c_SQL_commands.html
alter index shop.orders_status rename to x;
-- 42601 | syntax error at or near "unlogged" | DG r_CREATE_TABLE_NEW.html
create unlogged table shop.fast (id integer);
-- 42601 | syntax error at or near "table" | DG r_CREATE_TABLE_NEW.html: no OR REPLACE
create or replace table shop.a as select 1 as id;
-- 42601 | syntax error at or near "as" | DG r_CREATE_TABLE_AS.html: no IF NOT EXISTS
create table if not exists shop.a as select 1 as id;
-- 42P16 | cannot create temporary relation in non-temporary schema | DG r_CREATE_TABLE_NEW.html
create temporary table shop.a (id integer);
-- 42P16 | cannot create temporary relation in non-temporary schema | DG r_CREATE_TABLE_AS.html; DBT adapters.sql, create_table_as
create temp table shop.a as (select 1 as id);
-- 42601 | syntax error at or near "inherits" | DG c_unsupported-postgresql-features.html: inheritance
create table shop.a (id integer) inherits (shop.orders);
-- 42601 | syntax error at or near "partition" | DG c_redshift-sql-implementated-differently.html: partitions
create table shop.a (id integer) partition by range (id);
-- 42601 | syntax error at or near "on" | DG r_CREATE_TABLE_NEW.html: no ON COMMIT
create temp table a (id integer) on commit drop;
-- 0A000 | CHECK constraint is not supported | DBT impl.py, CONSTRAINT_SUPPORT
create table shop.a (id integer check (id > 0));
-- 0A000 | CHECK constraint is not supported | DBT impl.py, CONSTRAINT_SUPPORT
create table shop.a (id integer, constraint positive check (id > 0));
-- 42601 | syntax error at or near "(" | DG r_CREATE_TABLE_NEW.html: no computed columns
create table shop.a (id integer, twice integer generated always as (id * 2) stored);
-- 42601 | syntax error at or near "on" | DG r_CREATE_TABLE_NEW.html: references without actions
create table shop.a (id integer references shop.orders (id) on delete cascade);
-- 42601 | syntax error at or near "deferrable" | DG r_CREATE_TABLE_NEW.html
create table shop.a (id integer unique deferrable);
-- 42601 | syntax error at or near "," | DG r_CREATE_TABLE_NEW.html, DBT adapters.sql dist(): one distribution key
create table shop.a (id integer, b integer) diststyle key distkey (id, b);
-- 42601 | DISTKEY can only be given with DISTSTYLE KEY | DG r_CREATE_TABLE_NEW.html
create table shop.a (id integer) diststyle all distkey (id);
-- 42601 | DISTSTYLE KEY needs a DISTKEY column | DG r_CREATE_TABLE_NEW.html
create table shop.a (id integer) diststyle key;
-- 54011 | a sort key can have at most 8 columns | DG r_CREATE_TABLE_NEW.html: interleaved
create table shop.a (a int, b int, c int, d int, e int, f int, g int, h int, i int) interleaved sortkey (a, b, c, d, e, f, g, h, i);
-- 42601 | syntax error at or near "distkey" | DG r_CREATE_TABLE_AS.html: attributes stand before AS
create table shop.a as (select 1 as id) distkey (id);
-- 42601 | syntax error at or near "encode" | DG r_CTAS_usage_notes.html
create table shop.a (id encode zstd) as select 1 as id;
-- 42703 | column "nothing" named in DISTKEY | DG r_CREATE_TABLE_NEW.html
create table shop.a (id integer) diststyle key distkey (nothing);
-- 42830 | there is no unique constraint matching given keys | DG r_CREATE_TABLE_NEW.html: a referenced column is declared unique
create table shop.a (id integer references shop.notes (id));
-- 42830 | there is no unique constraint matching given keys | DG r_ALTER_TABLE.html
alter table shop.orders add constraint noted foreign key (id) references shop.notes (id);
-- 0A000 | Column "a.doc" has unsupported type "json" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (doc json);
-- 0A000 | Column "a.doc" has unsupported type "jsonb" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (id integer, doc jsonb not null);
-- 0A000 | Column "a.id" has unsupported type "uuid" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (id uuid);
-- 0A000 | Column "a.id" has unsupported type "serial" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (id serial primary key);
-- 0A000 | Column "a.tags" has unsupported type "integer[]" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (tags integer[]);
-- 0A000 | Column "a.photo" has unsupported type "bytea" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (photo bytea);
-- 0A000 | Column "a.price" has unsupported type "money" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (price money);
-- 0A000 | Column "a.host" has unsupported type "inet" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (host inet);
-- 0A000 | Column "a.span" has unsupported type "daterange" | DG c_unsupported-postgresql-datatypes.html
create table shop.a (span daterange);
-- 22023 | cannot exceed 65535 | DG r_Character_types.html
create table shop.a (name varchar(70000));
-- 22023 | NUMERIC precision 40 | DG r_Numeric_types201.html
create table shop.a (price numeric(40, 2));

-- 42601 | syntax error at or near "," | DG r_ALTER_TABLE.html: one action
alter table shop.orders add column a integer, add column b integer;
-- 42601 | syntax error at or near "not" | DG r_ALTER_TABLE.html: no IF NOT EXISTS
alter table shop.orders add column if not exists a integer;
-- 42601 | syntax error at or near "exists" | DG r_ALTER_TABLE.html: no IF EXISTS
alter table shop.orders drop column if exists a;
-- 42601 | syntax error at or near "exists" | DG r_ALTER_TABLE.html: no IF EXISTS
alter table if exists shop.orders rename to o;
-- 0A000 | target data type "bigint" is not supported | DG r_ALTER_TABLE.html: only VARCHAR and VARBYTE
alter table shop.orders alter column id type bigint;
-- 25001 | ALTER TABLE ALTER COLUMN cannot run inside a transaction block | DG r_ALTER_TABLE.html | transaction
alter table shop.orders alter column status type varchar(100);
-- 25001 | ALTER TABLE ALTER COLUMN cannot run inside a transaction block | DG r_ALTER_TABLE.html | string
alter table shop.orders alter column status type varchar(100);
-- 42601 | syntax error at or near "not" | DG r_ALTER_TABLE.html: NOT NULL is set when a table is made
alter table shop.orders alter column status set not null;
-- 42601 | syntax error at or near "default" | DG r_ALTER_TABLE.html
alter table shop.orders alter column status set default 'x';
-- 0A000 | must have a non-null default expression | DG r_ALTER_TABLE.html
alter table shop.orders add column a integer not null;
-- 0A000 | does not support UNIQUE | DG r_ALTER_TABLE.html
alter table shop.orders add column a integer unique;
-- 0A000 | Column "orders.doc" has unsupported type "jsonb" | DG c_unsupported-postgresql-datatypes.html
alter table shop.orders add column doc jsonb;
-- 42601 | syntax error at or near "schema" | DG r_ALTER_TABLE.html
alter table shop.orders set schema other;
-- 42601 | syntax error at or near "attach" | DG c_redshift-sql-implementated-differently.html: partitions
alter table shop.orders attach partition shop.staged for values in (1);
-- 42601 | syntax error at or near "view" | DG c_SQL_commands.html; DBT relations/view/rename.sql: ALTER TABLE renames views
alter view shop.open_orders rename to open;
-- 42601 | syntax error at or near "rename" | DG materialized-view-alter-sql-command.html
alter materialized view shop.totals rename to sums;
-- 0A000 | is a materialized view and cannot be renamed | DBT relation.py, renameable_relations
alter table shop.totals rename to sums;
-- 42601 | syntax error at or near "not" | DG r_CREATE_VIEW.html: no IF NOT EXISTS
create view if not exists shop.v as select 1 as id;
-- 42601 | syntax error at or near "temp" | DG r_CREATE_VIEW.html
create temp view v as select 1 as id;
-- 42601 | syntax error at or near "recursive" | DG r_CREATE_VIEW.html
create recursive view shop.v (n) as select 1;
-- 42601 | syntax error at or near "with" | DG r_CREATE_VIEW.html: no options
create view shop.v with (security_barrier) as select 1 as id;
-- 42601 | syntax error at or near "check" | DG r_CREATE_VIEW.html
create view shop.v as select * from shop.orders with check option;
-- 0A000 | All the relation names inside should be qualified | DG r_CREATE_VIEW.html: late binding
create view shop.v as select * from orders with no schema binding;
-- 42601 | syntax error at or near "materialized" | DG materialized-view-create-sql-command.html: no OR REPLACE
create or replace materialized view shop.totals as select 1 as id;
-- 42601 | syntax error at or near "not" | DG materialized-view-create-sql-command.html: no IF NOT EXISTS
create materialized view if not exists shop.totals as select 1 as id;
-- 42601 | syntax error at or near "with" | DG materialized-view-create-sql-command.html
create materialized view shop.sums as select 1 as id with no data;
-- 42601 | syntax error at or near "concurrently" | DG materialized-view-refresh-sql-command.html
refresh materialized view concurrently shop.totals;
-- 42601 | syntax error at or near "materialized" | DG r_COMMENT.html; DBT adapters.sql, alter_relation_comment
comment on materialized view shop.totals is 'x';
-- 42601 | syntax error at or near "schema" | DG r_COMMENT.html
comment on schema shop is 'x';
-- 42809 | late-binding view | DBT adapters.sql, persist_docs
comment on column shop.late_orders.id is 'x';

-- 42601 | syntax error at or near "from" | DG r_SELECT_list.html
select 1 from shop.orders o where not exists (select from shop.customers c where c.id = o.id);
-- 0A000 | SELECT DISTINCT ON is not supported | DG r_SELECT_list.html
select distinct on (status) status, id from shop.orders order by status, id;
-- 42601 | syntax error at or near "(" | DG c_Aggregate_Functions.html: no FILTER
select count(*) filter (where amount > 1) from shop.orders;
-- 42601 | syntax error at or near "lateral" | DG r_FROM_clause30.html
select * from shop.orders o, lateral (select o.id + 1 as n) x;
-- 42601 | syntax error at or near "lateral" | DG r_FROM_clause30.html
select * from shop.orders o cross join lateral (select 1 as n) x;
-- 42601 | syntax error at or near "values" | DG r_FROM_clause30.html
select * from (values (1, 'a'), (2, 'b')) as v (id, name);
-- 42601 | syntax error at or near "distinct" | DG r_comparison_condition.html
select id from shop.orders where status is distinct from 'x';
-- 42601 | syntax error at or near "distinct" | DG r_comparison_condition.html
select id from shop.orders where status is not distinct from 'x';
-- 42601 | syntax error at or near "window" | DG r_SELECT_synopsis.html
select sum(amount) over w from shop.orders window w as (partition by status);
-- 42601 | require a frame clause | DG c_Window_functions.html
select sum(amount) over (partition by status order by id) from shop.orders;
-- 42601 | require a frame clause | DG r_WF_first_value.html
select first_value(amount) over (partition by status order by id) from shop.orders;
-- 42601 | syntax error at or near "range" | DG r_Window_function_synopsis.html: ROWS only
select sum(amount) over (order by id range between unbounded preceding and current row) from shop.orders;
-- 42601 | syntax error at or near "groups" | DG r_Window_function_synopsis.html: ROWS only
select sum(amount) over (order by id groups unbounded preceding) from shop.orders;
-- 0A000 | DISTINCT is not implemented for window functions | DG r_WF_COUNT.html
select count(distinct status) over (partition by amount) from shop.orders;
-- 42883 | function regexp_replace | DG REGEXP_REPLACE.html: the fourth argument is a position
select regexp_replace(status, 'a', 'b', 'g') from shop.orders;
-- XX000 | Assert | DG r_Boolean_type.html: IS TRUE in WHERE alone
select (amount > 1) is not true as small from shop.orders;
-- 0A000 | correlated subquery pattern | DG r_correlated_subqueries.html
select id from shop.orders o where amount = (select s.amount from shop.staged s where s.id = o.id order by 1 limit 1);
-- 42601 | syntax error at or near "fetch" | DG r_ORDER_BY_clause.html: LIMIT only
select id from shop.orders order by id fetch first 3 rows only;
-- 0A000 | SELECT FOR UPDATE is not supported | DG r_SELECT_synopsis.html
select id from shop.orders for update;
-- 42601 | syntax error at or near "tablesample" | DG r_FROM_clause30.html
select id from shop.orders tablesample system (10);
-- 42601 | syntax error at or near "materialized" | DG r_WITH_clause.html
with o as materialized (select * from shop.orders) select * from o;
-- 42601 | must name its columns | DG r_WITH_clause.html
with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select * from n;
-- 42601 | syntax error at or near "delete" | DG r_WITH_clause.html
with gone as (delete from shop.orders returning id) select * from gone;
-- 42601 | syntax error at or near "[" | DG c_unsupported-postgresql-datatypes.html: arrays
select array[1, 2, 3];
-- 42704 | type "e" does not exist | DG r_Character_types.html: no escape strings
select E'a\nb';
-- 42704 | type "jsonb" does not exist | DG c_unsupported-postgresql-datatypes.html
select '{}'::jsonb;
-- 42704 | type "uuid" does not exist | DG c_unsupported-postgresql-datatypes.html
select cast(status as uuid) from shop.orders;
-- 0A000 | type "text[]" is not supported | DG c_unsupported-postgresql-datatypes.html
select '{a,b}'::text[];
-- 42846 | cannot cast type boolean to character varying | DBT utils/cast_bool_to_text.sql
select (id = 1)::varchar from shop.orders;
-- 42846 | cannot cast type boolean to character varying | DBT utils/cast_bool_to_text.sql
select cast(true as text);

-- 42883 | function string_agg() does not exist | DG c_Aggregate_Functions.html: LISTAGG
select string_agg(status, ',') from shop.orders;
-- 42883 | function array_agg() does not exist | DG c_Aggregate_Functions.html
select array_agg(status) from shop.orders;
-- 42883 | function unnest() does not exist | DG c_SQL_functions.html
select unnest(string_to_array('a,b', ','));
-- 42883 | does not exist | DG c_SQL_functions.html
select jsonb_build_object('a', 1);
-- 42883 | function gen_random_uuid() does not exist | DG c_SQL_functions.html
select gen_random_uuid();
-- 42883 | function format() does not exist | DG c_SQL_functions.html
select format('%s', status) from shop.orders;
-- 42883 | function concat_ws() does not exist | DG c_SQL_functions.html
select concat_ws('-', status, status) from shop.orders;
-- 42883 | does not exist | DG r_CONCAT.html: two arguments
select concat(status, status, status) from shop.orders;
-- 42883 | function clock_timestamp() does not exist | DG Date_functions_header.html
select clock_timestamp();
-- 42883 | function pg_advisory_lock() does not exist | DG c_sql-functions-leader-node.html
select pg_advisory_lock(1);
-- 42883 | function pg_advisory_xact_lock() does not exist | DG c_sql-functions-leader-node.html
select pg_catalog.pg_advisory_xact_lock(1);
-- 42883 | function to_regclass() does not exist | DG c_sql-functions-leader-node.html
select to_regclass('shop.orders');
-- 42883 | function hashtext() does not exist | DG c_SQL_functions.html
select hashtext(status) from shop.orders;
-- 42883 | function make_interval() does not exist | DG Date_functions_header.html
select make_interval(days => 1);
-- 0A000 | Specified types or functions | DG c_sql-functions-leader-node.html
select o.id, g from shop.orders o, generate_series(1, 3) g;
-- 0A000 | Specified types or functions | DG c_sql-functions-leader-node.html
create table shop.a as select * from generate_series(1, 3) as n;
-- 0A000 | Specified types or functions | DG c_sql-functions-leader-node.html
select current_schema(), id from shop.orders;
-- 0A000 | Specified types or functions | DG c_sql-functions-leader-node.html
insert into shop.orders (id) select n from generate_series(1, 3) as n;
-- 0A000 | Specified types or functions | DG c_join_PG.html
select c.relname, o.id from pg_class c join shop.orders o on o.id = c.oid;
-- 0A000 | Specified types or functions | DG c_join_PG.html
create table shop.a as select relname from pg_catalog.pg_class;
-- 0A000 | Specified types or functions | DBT relations/materialized_view/describe.sql
select t."table" from svv_table_info t join pg_views v on v.viewname = t."table";
-- 0A000 | must be applied on at least one user created tables | DG r_LISTAGG.html
with a as (select 'x' as v union all select 'y') select listagg(v, ',') from a;
-- 0A000 | must be applied on at least one user created tables | DG r_MEDIAN.html
select median(n) from (select 1 as n union all select 2) as a;
-- 42P01 | relation "pg_matviews" does not exist | PostgreSQL 8.0's catalogue
select matviewname from pg_matviews;
-- 42P01 | relation "pg_roles" does not exist | PostgreSQL 8.0's catalogue
select rolname from pg_catalog.pg_roles;
-- 42703 | column "relispopulated" does not exist | PostgreSQL 8.0's catalogue
select relname, relispopulated from pg_class;
-- 42703 | column "attidentity" does not exist | PostgreSQL 8.0's catalogue
select a.attname, a.attidentity from pg_attribute a;

-- 0A000 | not supported | DG c_serializable_isolation.html: no savepoints | transaction
savepoint before;
-- 0A000 | not supported | DG c_serializable_isolation.html: no savepoints | transaction
rollback to savepoint before;
-- 25001 | VACUUM cannot run inside a transaction block | DG r_VACUUM_command.html | transaction
vacuum shop.orders;
-- 25001 | ALTER TABLE APPEND cannot run inside a transaction block | DG r_ALTER_TABLE_APPEND.html | transaction
alter table shop.orders append from shop.staged;
-- 0A000 | not supported | DG c_SQL_commands.html
listen changes;
-- 42601 | syntax error at or near "analyze" | DG r_EXPLAIN.html
explain analyze select * from shop.orders;
-- 42704 | unrecognized configuration parameter "client_connection_check_interval" | DG cm_chap_ConfigurationRef.html
set client_connection_check_interval = '2s';
-- 42704 | unrecognized configuration parameter "lock_timeout" | DG cm_chap_ConfigurationRef.html
set local lock_timeout = '5s';
-- 42704 | unrecognized configuration parameter "client_min_messages" | DG cm_chap_ConfigurationRef.html
set client_min_messages = warning;
-- 42601 | syntax error at or near "do" | DG c_SQL_commands.html: stored procedures only
do $$ begin null; end $$;
-- 0A000 | Python UDFs | DG user-defined-functions.html
create function shop.f(integer) returns integer stable as $$ return 1 $$ language plpythonu;
-- 42601 | syntax error at or near "setof" | DG r_CREATE_FUNCTION.html
create function shop.f(integer) returns setof integer stable as $$ select 1 $$ language sql;
-- 22001 | Value too long for character type | DG r_Character_types.html: widths are bytes
insert into shop.customers (name) values ('ééééé');
-- 22001 | Value too long for character type | DG r_Character_types.html: text is varchar(256)
insert into shop.notes (id, body) select 1, repeat('x', 257);
