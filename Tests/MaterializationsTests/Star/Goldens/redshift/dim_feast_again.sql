-- model.shop.dim_feast
-- surrogate_key is proved: a key follows from its date
-- calendar is proved: only what is not there yet is added, under a lock

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."dim_feast";
-- lock
lock table "star"."dim_feast";
-- prepare
create temporary table whc_calendar as
select to_char(x.day, 'YYYYMMDD')::integer as "date_key",
  x.day as "date",
  extract(day from x.day)::integer as "day",
  case ((extract(dow from x.day)::integer + 6) % 7 + 1) when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday' when 5 then 'Friday' when 6 then 'Saturday' when 7 then 'Sunday' end as "day_name",
  ((extract(dow from x.day)::integer + 6) % 7 + 1) as "day_of_week",
  extract(doy from x.day)::integer as "day_of_year",
  ((extract(dow from x.day)::integer + 6) % 7 + 1) >= 6 as "is_weekend",
  (extract(doy from (x.day - ((extract(dow from x.day)::integer + 6) % 7 + 1) + 4))::integer - 1) / 7 + 1 as "week",
  extract(year from (x.day - ((extract(dow from x.day)::integer + 6) % 7 + 1) + 4))::integer as "week_year",
  extract(month from x.day)::integer as "month",
  case extract(month from x.day)::integer when 1 then 'January' when 2 then 'February' when 3 then 'March' when 4 then 'April' when 5 then 'May' when 6 then 'June' when 7 then 'July' when 8 then 'August' when 9 then 'September' when 10 then 'October' when 11 then 'November' when 12 then 'December' end as "month_name",
  extract(quarter from x.day)::integer as "quarter",
  'Q' || cast(extract(quarter from x.day)::integer as varchar(1)) as "quarter_name",
  extract(year from x.day)::integer as "year",
  date_trunc('month', x.day)::date as "first_day_of_month",
  last_day(x.day) as "last_day_of_month",
  extract(year from x.day)::integer + (case when extract(month from x.day)::integer >= 1 then 0 else 0 end) as "fiscal_year",
  ((extract(month from x.day)::integer + 11) % 12 + 1 + 2) / 3 as "fiscal_quarter",
  (extract(month from x.day)::integer + 11) % 12 + 1 as "fiscal_month",
  case ((extract(dow from x.day)::integer + 6) % 7 + 1) when 1 then 'Montag' when 2 then 'Dienstag' when 3 then 'Mittwoch' when 4 then 'Donnerstag' when 5 then 'Freitag' when 6 then 'Samstag' when 7 then 'Sonntag' end as "day_name_de",
  case extract(month from x.day)::integer when 1 then 'Januar' when 2 then 'Februar' when 3 then 'März' when 4 then 'April' when 5 then 'Mai' when 6 then 'Juni' when 7 then 'Juli' when 8 then 'August' when 9 then 'September' when 10 then 'Oktober' when 11 then 'November' when 12 then 'Dezember' end as "month_name_de",
  case ((extract(dow from x.day)::integer + 6) % 7 + 1) when 1 then 'lundi' when 2 then 'mardi' when 3 then 'mercredi' when 4 then 'jeudi' when 5 then 'vendredi' when 6 then 'samedi' when 7 then 'dimanche' end as "day_name_fr",
  case extract(month from x.day)::integer when 1 then 'janvier' when 2 then 'février' when 3 then 'mars' when 4 then 'avril' when 5 then 'mai' when 6 then 'juin' when 7 then 'juillet' when 8 then 'août' when 9 then 'septembre' when 10 then 'octobre' when 11 then 'novembre' when 12 then 'décembre' end as "month_name_fr",
  h.day is not null as "is_holiday",
  h.name as "holiday_name",
  h.day is null and ((extract(dow from x.day)::integer + 6) % 7 + 1) < 6 as "is_working_day"
from (
  select date '2024-01-01' + n.n as day
  from (
  select p0.n + 10 * p1.n + 100 * p2.n + 1000 * p3.n + 10000 * p4.n as n
  from (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p0
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p1
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p2
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p3
    cross join (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9) p4
  where p0.n + 10 * p1.n + 100 * p2.n + 1000 * p3.n + 10000 * p4.n < 100000
) as n
  where date '2024-01-01' + n.n <= dateadd(year, 1, current_date)::date
) x
left join (
  select h.day, listagg(h.name, ', ') within group (order by h.name) as name
    from (select distinct i."day"::date as day, i."title" as name from "star"."holidays" i) h
  group by 1
) h on h.day = x.day;
-- change
insert into "star"."dim_feast" ("date_key", "day_name", "month_name", "quarter_name", "day_name_de", "month_name_de", "day_name_fr", "month_name_fr", "holiday_name")
select -1, 'Unknown', 'Unknown', 'Unknown', 'Unknown', 'Unknown', 'Unknown', 'Unknown', 'Unknown'
where not exists (select 1 from "star"."dim_feast" where "date_key" = -1);
-- change
insert into "star"."dim_feast" ("date_key", "day_name", "month_name", "quarter_name", "day_name_de", "month_name_de", "day_name_fr", "month_name_fr", "holiday_name")
select -2, 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable'
where not exists (select 1 from "star"."dim_feast" where "date_key" = -2);
-- change
update "star"."dim_feast" d
set "day" = c."day", "day_name" = c."day_name", "day_of_week" = c."day_of_week", "day_of_year" = c."day_of_year", "is_weekend" = c."is_weekend", "week" = c."week", "week_year" = c."week_year", "month" = c."month", "month_name" = c."month_name", "quarter" = c."quarter", "quarter_name" = c."quarter_name", "year" = c."year", "first_day_of_month" = c."first_day_of_month", "last_day_of_month" = c."last_day_of_month", "fiscal_year" = c."fiscal_year", "fiscal_quarter" = c."fiscal_quarter", "fiscal_month" = c."fiscal_month", "day_name_de" = c."day_name_de", "month_name_de" = c."month_name_de", "day_name_fr" = c."day_name_fr", "month_name_fr" = c."month_name_fr", "is_holiday" = c."is_holiday", "holiday_name" = c."holiday_name", "is_working_day" = c."is_working_day"
from whc_calendar c
where d."date" = c."date"
  and (case when d."day" = c."day" or (d."day" is null and c."day" is null) then false else true end
  or case when d."day_name" = c."day_name" or (d."day_name" is null and c."day_name" is null) then false else true end
  or case when d."day_of_week" = c."day_of_week" or (d."day_of_week" is null and c."day_of_week" is null) then false else true end
  or case when d."day_of_year" = c."day_of_year" or (d."day_of_year" is null and c."day_of_year" is null) then false else true end
  or case when d."is_weekend" = c."is_weekend" or (d."is_weekend" is null and c."is_weekend" is null) then false else true end
  or case when d."week" = c."week" or (d."week" is null and c."week" is null) then false else true end
  or case when d."week_year" = c."week_year" or (d."week_year" is null and c."week_year" is null) then false else true end
  or case when d."month" = c."month" or (d."month" is null and c."month" is null) then false else true end
  or case when d."month_name" = c."month_name" or (d."month_name" is null and c."month_name" is null) then false else true end
  or case when d."quarter" = c."quarter" or (d."quarter" is null and c."quarter" is null) then false else true end
  or case when d."quarter_name" = c."quarter_name" or (d."quarter_name" is null and c."quarter_name" is null) then false else true end
  or case when d."year" = c."year" or (d."year" is null and c."year" is null) then false else true end
  or case when d."first_day_of_month" = c."first_day_of_month" or (d."first_day_of_month" is null and c."first_day_of_month" is null) then false else true end
  or case when d."last_day_of_month" = c."last_day_of_month" or (d."last_day_of_month" is null and c."last_day_of_month" is null) then false else true end
  or case when d."fiscal_year" = c."fiscal_year" or (d."fiscal_year" is null and c."fiscal_year" is null) then false else true end
  or case when d."fiscal_quarter" = c."fiscal_quarter" or (d."fiscal_quarter" is null and c."fiscal_quarter" is null) then false else true end
  or case when d."fiscal_month" = c."fiscal_month" or (d."fiscal_month" is null and c."fiscal_month" is null) then false else true end
  or case when d."day_name_de" = c."day_name_de" or (d."day_name_de" is null and c."day_name_de" is null) then false else true end
  or case when d."month_name_de" = c."month_name_de" or (d."month_name_de" is null and c."month_name_de" is null) then false else true end
  or case when d."day_name_fr" = c."day_name_fr" or (d."day_name_fr" is null and c."day_name_fr" is null) then false else true end
  or case when d."month_name_fr" = c."month_name_fr" or (d."month_name_fr" is null and c."month_name_fr" is null) then false else true end
  or case when d."is_holiday" = c."is_holiday" or (d."is_holiday" is null and c."is_holiday" is null) then false else true end
  or case when d."holiday_name" = c."holiday_name" or (d."holiday_name" is null and c."holiday_name" is null) then false else true end
  or case when d."is_working_day" = c."is_working_day" or (d."is_working_day" is null and c."is_working_day" is null) then false else true end);
-- main, counts the rows
insert into "star"."dim_feast" ("date_key", "date", "day", "day_name", "day_of_week", "day_of_year", "is_weekend", "week", "week_year", "month", "month_name", "quarter", "quarter_name", "year", "first_day_of_month", "last_day_of_month", "fiscal_year", "fiscal_quarter", "fiscal_month", "day_name_de", "month_name_de", "day_name_fr", "month_name_fr", "is_holiday", "holiday_name", "is_working_day")
select c."date_key", c."date", c."day", c."day_name", c."day_of_week", c."day_of_year", c."is_weekend", c."week", c."week_year", c."month", c."month_name", c."quarter", c."quarter_name", c."year", c."first_day_of_month", c."last_day_of_month", c."fiscal_year", c."fiscal_quarter", c."fiscal_month", c."day_name_de", c."month_name_de", c."day_name_fr", c."month_name_fr", c."is_holiday", c."holiday_name", c."is_working_day"
from whc_calendar c
where not exists (select 1 from "star"."dim_feast" d where d."date" = c."date")
order by c."date";
-- cleanup
drop table if exists whc_calendar;
commit;
