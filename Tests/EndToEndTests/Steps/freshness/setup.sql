create schema raw;
create table raw.fresh as select 1 as id, now() as loaded, current_date as day;
create table raw.late as select 1 as id, now() - interval '13 hours' as loaded;
create table raw.stale as select 1 as id, (now() - interval '3 days') at time zone 'utc' as loaded;
create table raw.nothing as select * from raw.fresh limit 0;
create table raw.filtered as select 1 as id, now() - interval '20 hours' as loaded union all select 2, now();
create table raw.asked as select 1 as id, now() - interval '30 hours' as loaded union all select 4, now();
create table raw.off as select 1 as id;
