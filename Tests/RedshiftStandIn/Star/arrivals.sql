-- What arrives before each build of Star; a line of dashes parts the builds.
create schema raw;
create table raw.people (id integer, name varchar(20), grade varchar(10), city varchar(20), born date, at timestamp);
create table raw.moves (country varchar(2), id integer, name varchar(20), amount numeric(12,2), flag boolean, at timestamp, op varchar(1));
create table raw.offices (city varchar(20), manager varchar(20), since date);
create table raw.days (day date, title varchar(30));
create table raw.visits (visit integer, id integer, came timestamp, amount numeric(12,2));
create table raw.older (sk integer, id integer, name varchar(20), grade varchar(10), f timestamp, t timestamp);
insert into raw.older values (101,1,'Ada','b','2023-01-01','2023-06-01'),(102,1,'Ada','c','2023-06-01',null),(103,2,'Bo','b','2023-01-01','2023-09-01'),(104,2,'Bo','x','2023-08-01','9999-12-31'),(105,7,'Old','q','2022-01-01','2022-02-01'),(106,1,'Ada','b','2023-01-01','2023-06-01');
insert into raw.people values (1,'Ada','a','Bath','1980-01-01','2024-01-01'),(2,'Bo','b','Rome','1990-02-02','2024-01-02 03:04:05.678'),(3,null,'a',null,null,'2024-01-03'),(4,'Éva','b','Bath','1999-12-31','2024-01-04');
insert into raw.moves values ('de',1,'x',1.5,true,'2024-01-01','I'),('de',1,'y',1.5,false,'2024-01-03','U'),('fr',1,'z',null,null,'2024-01-02','I'),('de',2,'k',2,true,'2024-01-02','I');
insert into raw.offices values ('Bath','Ann','2023-01-01'),('Rome','Rob','2023-01-01'),('Bath','Ben','2024-01-05');
insert into raw.days values ('2024-12-25','Christmas'),('2024-01-01','New Year'),('2024-01-01','Too');
insert into raw.visits values (1,1,'2024-01-02 10:11:12',3.5),(2,5,'2024-01-02 23:59:59.9',1),(3,2,'2023-01-02',1),(4,9,'2024-02-01',7);
---
update raw.people set grade='c', at='2024-02-01' where id=1;
update raw.people set name='Bob' where id=2;
delete from raw.people where id=3;
update raw.people set city='Oslo', at='2024-02-02' where id=4;
insert into raw.people values (5,'Eve','a','Rome','2000-01-01','2024-02-03');
insert into raw.moves values ('de',1,'w',9,true,'2024-01-02','U'),('de',2,'k',2,true,'2024-01-05','D'),('fr',1,'z',null,null,'2024-01-09','U');
insert into raw.offices values ('Oslo','Odd','2024-02-01'),('Rome','Rita','2024-01-15');
insert into raw.visits values (5,4,'2024-02-05',1),(6,5,'2024-02-05',2);
insert into raw.people values (3,'Cy','z','Bath','1970-01-01','2024-02-20');
update raw.people set born='1981-01-01', at='2024-02-21' where id=1;
delete from raw.people where id=4;
insert into raw.moves values ('de',2,'n',3,false,'2024-01-08','I');
---
alter table raw.people rename to people_old;
create table raw.people (id bigint, name varchar(60), grade varchar(10), city varchar(20), born date, at timestamp, email varchar(30));
insert into raw.people select id, name, grade, city, born, at, 'e' from raw.people_old;
update raw.people set name='Adaline Longname of a much longer size here', at='2024-03-01' where id=1;
drop table raw.people_old;
