-- model.shop.dim_time
-- surrogate_key is proved: a key follows from its time
-- calendar is proved: only what is not there yet is added, under a lock

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_time', 0));
-- lock
lock table "star"."dim_time" in share row exclusive mode;
-- prepare
create temporary table whc_calendar on commit drop as
select x.second_of_day / 3600 * 10000 + x.second_of_day / 60 % 60 * 100 + x.second_of_day % 60 as "time_key",
  (time '00:00' + x.second_of_day * interval '1 second') as "time",
  x.second_of_day / 3600 as "hour",
  x.second_of_day / 60 % 60 as "minute",
  (x.second_of_day / 3600 + 11) % 12 + 1 as "hour_12",
  case when x.second_of_day / 3600 < 12 then 'AM' else 'PM' end as "am_pm",
  to_char((timestamp '2000-01-01' + x.second_of_day * interval '1 second'), 'HH24:MI') as "time_24",
  to_char((timestamp '2000-01-01' + x.second_of_day * interval '1 second'), 'FMHH12:MI AM') as "time_12",
  x.second_of_day / 60 as "minute_of_day",
  case when x.second_of_day >= 64800 then 'Evening' when x.second_of_day >= 43200 then 'Afternoon' when x.second_of_day >= 21600 then 'Morning' when x.second_of_day >= 0 then 'Night' end as "part_of_day",
  case when x.second_of_day >= 64800 then 'Abend' when x.second_of_day >= 43200 then 'Nachmittag' when x.second_of_day >= 21600 then 'Morgen' when x.second_of_day >= 0 then 'Nacht' end as "part_of_day_de"
from generate_series(0, 86399, 900) as x (second_of_day);
-- analyze
analyze pg_temp.whc_calendar ("time");
-- audit key-format-changed: rows mean that dim_time has keys that are written otherwise than 'key_format' says
select count(*) over () as rows, d."time", d."time_key" as present, c."time_key" as declared
from "star"."dim_time" d
join pg_temp.whc_calendar c on c."time" = d."time"
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
from pg_temp.whc_calendar c
where d."time" = c."time"
  and row(d."hour", d."minute", d."hour_12", d."am_pm", d."time_24", d."time_12", d."minute_of_day", d."part_of_day", d."part_of_day_de") is distinct from row(c."hour", c."minute", c."hour_12", c."am_pm", c."time_24", c."time_12", c."minute_of_day", c."part_of_day", c."part_of_day_de");
-- main, counts the rows
insert into "star"."dim_time" ("time_key", "time", "hour", "minute", "hour_12", "am_pm", "time_24", "time_12", "minute_of_day", "part_of_day", "part_of_day_de")
select c."time_key", c."time", c."hour", c."minute", c."hour_12", c."am_pm", c."time_24", c."time_12", c."minute_of_day", c."part_of_day", c."part_of_day_de"
from pg_temp.whc_calendar c
where not exists (select 1 from "star"."dim_time" d where d."time" = c."time")
order by c."time";
commit;
