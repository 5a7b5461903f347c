-- model.shop.dim_date
-- surrogate_key is proved: a key follows from its date
-- calendar is proved: only what is not there yet is added, under a lock

-- one transaction; may be sent again
begin;
-- prepare
create table if not exists "star"."dim_date" (
  "date_key" integer not null,
  "date" date,
  "day" integer,
  "day_name" text,
  "day_of_week" integer,
  "day_of_year" integer,
  "is_weekend" boolean,
  "week" integer,
  "week_year" integer,
  "month" integer,
  "month_name" text,
  "quarter" integer,
  "quarter_name" text,
  "year" integer,
  "first_day_of_month" date,
  "last_day_of_month" date,
  "fiscal_year" integer,
  "fiscal_quarter" integer,
  "fiscal_month" integer
);
-- lock
lock table "star"."dim_date";
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
  extract(year from x.day)::integer + (case when extract(month from x.day)::integer >= 10 then 1 else 0 end) as "fiscal_year",
  ((extract(month from x.day)::integer + 2) % 12 + 1 + 2) / 3 as "fiscal_quarter",
  (extract(month from x.day)::integer + 2) % 12 + 1 as "fiscal_month"
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
) x;
-- change
insert into "star"."dim_date" ("date_key", "day_name", "month_name", "quarter_name")
select -1, 'Unknown', 'Unknown', 'Unknown'
where not exists (select 1 from "star"."dim_date" where "date_key" = -1);
-- change
insert into "star"."dim_date" ("date_key", "day_name", "month_name", "quarter_name")
select -2, 'Not applicable', 'Not applicable', 'Not applicable'
where not exists (select 1 from "star"."dim_date" where "date_key" = -2);
-- change
update "star"."dim_date" d
set "day" = c."day", "day_name" = c."day_name", "day_of_week" = c."day_of_week", "day_of_year" = c."day_of_year", "is_weekend" = c."is_weekend", "week" = c."week", "week_year" = c."week_year", "month" = c."month", "month_name" = c."month_name", "quarter" = c."quarter", "quarter_name" = c."quarter_name", "year" = c."year", "first_day_of_month" = c."first_day_of_month", "last_day_of_month" = c."last_day_of_month", "fiscal_year" = c."fiscal_year", "fiscal_quarter" = c."fiscal_quarter", "fiscal_month" = c."fiscal_month"
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
  or case when d."fiscal_month" = c."fiscal_month" or (d."fiscal_month" is null and c."fiscal_month" is null) then false else true end);
-- main, counts the rows
insert into "star"."dim_date" ("date_key", "date", "day", "day_name", "day_of_week", "day_of_year", "is_weekend", "week", "week_year", "month", "month_name", "quarter", "quarter_name", "year", "first_day_of_month", "last_day_of_month", "fiscal_year", "fiscal_quarter", "fiscal_month")
select c."date_key", c."date", c."day", c."day_name", c."day_of_week", c."day_of_year", c."is_weekend", c."week", c."week_year", c."month", c."month_name", c."quarter", c."quarter_name", c."year", c."first_day_of_month", c."last_day_of_month", c."fiscal_year", c."fiscal_quarter", c."fiscal_month"
from whc_calendar c
where not exists (select 1 from "star"."dim_date" d where d."date" = c."date")
order by c."date";
-- cleanup
drop table if exists whc_calendar;
commit;
