-- model.shop.dim_time
-- surrogate_key is proved: a key follows from its time
-- calendar is proved: only what is not there yet is added, under a lock

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."dim_time";
-- lock
lock table "star"."dim_time";
-- prepare
create temporary table whc_calendar as
select x.second_of_day / 3600 * 10000 + x.second_of_day / 60 % 60 * 100 + x.second_of_day % 60 as "time_key",
  cast(lpad(cast(x.second_of_day / 3600 as varchar(2)), 2, '0') || ':' || lpad(cast(x.second_of_day / 60 % 60 as varchar(2)), 2, '0') || ':' || lpad(cast(x.second_of_day % 60 as varchar(2)), 2, '0') as time) as "time",
  x.second_of_day / 3600 as "hour",
  x.second_of_day / 60 % 60 as "minute",
  (x.second_of_day / 3600 + 11) % 12 + 1 as "hour_12",
  case when x.second_of_day / 3600 < 12 then 'AM' else 'PM' end as "am_pm",
  lpad(cast(x.second_of_day / 3600 as varchar(2)), 2, '0') || ':' || lpad(cast(x.second_of_day / 60 % 60 as varchar(2)), 2, '0') as "time_24",
  cast((x.second_of_day / 3600 + 11) % 12 + 1 as varchar(2)) || ':' || lpad(cast(x.second_of_day / 60 % 60 as varchar(2)), 2, '0') || ' ' || case when x.second_of_day / 3600 < 12 then 'AM' else 'PM' end as "time_12",
  x.second_of_day / 60 as "minute_of_day",
  case when x.second_of_day >= 64800 then 'Evening' when x.second_of_day >= 43200 then 'Afternoon' when x.second_of_day >= 21600 then 'Morning' when x.second_of_day >= 0 then 'Night' end as "part_of_day",
  case when x.second_of_day >= 64800 then 'Abend' when x.second_of_day >= 43200 then 'Nachmittag' when x.second_of_day >= 21600 then 'Morgen' when x.second_of_day >= 0 then 'Nacht' end as "part_of_day_de"
from (
  select n.n * 900 as second_of_day
  from (
  select p0.n + 10 * p1.n as n
  from (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p0
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p1
  where p0.n + 10 * p1.n < 96
) as n
) as x;
-- audit key-format-changed: rows mean that dim_time has keys that are written otherwise than 'key_format' says
select count(*) over () as rows, d."time", d."time_key" as present, c."time_key" as declared
from "star"."dim_time" d
join whc_calendar c on c."time" = d."time"
where d."time_key" <> c."time_key"
order by d."time"
limit 5;
-- change
insert into "star"."dim_time" ("time_key", "am_pm", "time_24", "time_12", "part_of_day", "part_of_day_de")
select -1, 'Unknown', 'Unknown', 'Unknown', 'Unknown', 'Unknown'
where not exists (select 1 from "star"."dim_time" where "time_key" = -1);
-- change
insert into "star"."dim_time" ("time_key", "am_pm", "time_24", "time_12", "part_of_day", "part_of_day_de")
select -2, 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable'
where not exists (select 1 from "star"."dim_time" where "time_key" = -2);
-- change
update "star"."dim_time" d
set "hour" = c."hour", "minute" = c."minute", "hour_12" = c."hour_12", "am_pm" = c."am_pm", "time_24" = c."time_24", "time_12" = c."time_12", "minute_of_day" = c."minute_of_day", "part_of_day" = c."part_of_day", "part_of_day_de" = c."part_of_day_de"
from whc_calendar c
where d."time" = c."time"
  and (case when d."hour" = c."hour" or (d."hour" is null and c."hour" is null) then false else true end
  or case when d."minute" = c."minute" or (d."minute" is null and c."minute" is null) then false else true end
  or case when d."hour_12" = c."hour_12" or (d."hour_12" is null and c."hour_12" is null) then false else true end
  or case when d."am_pm" = c."am_pm" or (d."am_pm" is null and c."am_pm" is null) then false else true end
  or case when d."time_24" = c."time_24" or (d."time_24" is null and c."time_24" is null) then false else true end
  or case when d."time_12" = c."time_12" or (d."time_12" is null and c."time_12" is null) then false else true end
  or case when d."minute_of_day" = c."minute_of_day" or (d."minute_of_day" is null and c."minute_of_day" is null) then false else true end
  or case when d."part_of_day" = c."part_of_day" or (d."part_of_day" is null and c."part_of_day" is null) then false else true end
  or case when d."part_of_day_de" = c."part_of_day_de" or (d."part_of_day_de" is null and c."part_of_day_de" is null) then false else true end);
-- main, counts the rows
insert into "star"."dim_time" ("time_key", "time", "hour", "minute", "hour_12", "am_pm", "time_24", "time_12", "minute_of_day", "part_of_day", "part_of_day_de")
select c."time_key", c."time", c."hour", c."minute", c."hour_12", c."am_pm", c."time_24", c."time_12", c."minute_of_day", c."part_of_day", c."part_of_day_de"
from whc_calendar c
where not exists (select 1 from "star"."dim_time" d where d."time" = c."time")
order by c."time";
-- cleanup
drop table if exists whc_calendar;
commit;
