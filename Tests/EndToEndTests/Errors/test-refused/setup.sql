create schema shop; create view shop.orders as select 1 as id;
