create schema raw;
create table raw.visits (visit_id int, came_at timestamp, left_at time);
insert into raw.visits values
  (1, '2024-05-01 00:00:00', '00:14:59'), (2, '2024-05-09 12:44:59.9', '12:45'), (3, '2024-05-10 23:59:59', null),
  (4, '2024-06-01 05:00', '24:00');
