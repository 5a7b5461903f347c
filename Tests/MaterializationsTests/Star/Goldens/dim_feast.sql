-- model.shop.dim_feast
-- surrogate_key is proved: a key follows from its date
-- calendar is proved: only what is not there yet is added, under a lock

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.dim_feast', 0));
-- prepare
create table if not exists "star"."dim_feast" (
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
  "fiscal_month" integer,
  "day_name_de" text,
  "month_name_de" text,
  "day_name_fr" text,
  "month_name_fr" text,
  "is_holiday" boolean,
  "holiday_name" text,
  "is_working_day" boolean
);
-- lock
lock table "star"."dim_feast" in share row exclusive mode;
-- prepare
create temporary table whc_calendar on commit drop as
select to_char(x.day, 'YYYYMMDD')::integer as "date_key",
  x.day as "date",
  extract(day from x.day)::integer as "day",
  to_char(x.day, 'FMDay') as "day_name",
  extract(isodow from x.day)::integer as "day_of_week",
  extract(doy from x.day)::integer as "day_of_year",
  extract(isodow from x.day)::integer >= 6 as "is_weekend",
  extract(week from x.day)::integer as "week",
  extract(isoyear from x.day)::integer as "week_year",
  extract(month from x.day)::integer as "month",
  to_char(x.day, 'FMMonth') as "month_name",
  extract(quarter from x.day)::integer as "quarter",
  to_char(x.day, '"Q"Q') as "quarter_name",
  extract(year from x.day)::integer as "year",
  date_trunc('month', x.day)::date as "first_day_of_month",
  (date_trunc('month', x.day) + interval '1 month - 1 day')::date as "last_day_of_month",
  extract(year from x.day)::integer + (case when extract(month from x.day)::integer >= 1 then 0 else 0 end) as "fiscal_year",
  ((extract(month from x.day)::integer + 11) % 12 + 1 + 2) / 3 as "fiscal_quarter",
  (extract(month from x.day)::integer + 11) % 12 + 1 as "fiscal_month",
  (array['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag', 'Samstag', 'Sonntag'])[extract(isodow from x.day)::integer] as "day_name_de",
  (array['Januar', 'Februar', 'März', 'April', 'Mai', 'Juni', 'Juli', 'August', 'September', 'Oktober', 'November', 'Dezember'])[extract(month from x.day)::integer] as "month_name_de",
  (array['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'])[extract(isodow from x.day)::integer] as "day_name_fr",
  (array['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'])[extract(month from x.day)::integer] as "month_name_fr",
  h.day is not null as "is_holiday",
  h.name as "holiday_name",
  h.day is null and extract(isodow from x.day)::integer < 6 as "is_working_day"
from (
  select day::date as day
  from generate_series(date '2024-01-01'::timestamp, (current_date + interval '1 years')::date::timestamp,
    interval '1 day') as day
) x
left join (
  select h."day"::date as day, string_agg(distinct h."title"::text, ', ') as name
    from "star"."holidays" h
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
from pg_temp.whc_calendar c
where d."date" = c."date"
  and row(d."day", d."day_name", d."day_of_week", d."day_of_year", d."is_weekend", d."week", d."week_year", d."month", d."month_name", d."quarter", d."quarter_name", d."year", d."first_day_of_month", d."last_day_of_month", d."fiscal_year", d."fiscal_quarter", d."fiscal_month", d."day_name_de", d."month_name_de", d."day_name_fr", d."month_name_fr", d."is_holiday", d."holiday_name", d."is_working_day") is distinct from row(c."day", c."day_name", c."day_of_week", c."day_of_year", c."is_weekend", c."week", c."week_year", c."month", c."month_name", c."quarter", c."quarter_name", c."year", c."first_day_of_month", c."last_day_of_month", c."fiscal_year", c."fiscal_quarter", c."fiscal_month", c."day_name_de", c."month_name_de", c."day_name_fr", c."month_name_fr", c."is_holiday", c."holiday_name", c."is_working_day");
-- main, counts the rows
insert into "star"."dim_feast" ("date_key", "date", "day", "day_name", "day_of_week", "day_of_year", "is_weekend", "week", "week_year", "month", "month_name", "quarter", "quarter_name", "year", "first_day_of_month", "last_day_of_month", "fiscal_year", "fiscal_quarter", "fiscal_month", "day_name_de", "month_name_de", "day_name_fr", "month_name_fr", "is_holiday", "holiday_name", "is_working_day")
select c."date_key", c."date", c."day", c."day_name", c."day_of_week", c."day_of_year", c."is_weekend", c."week", c."week_year", c."month", c."month_name", c."quarter", c."quarter_name", c."year", c."first_day_of_month", c."last_day_of_month", c."fiscal_year", c."fiscal_quarter", c."fiscal_month", c."day_name_de", c."month_name_de", c."day_name_fr", c."month_name_fr", c."is_holiday", c."holiday_name", c."is_working_day"
from pg_temp.whc_calendar c
where not exists (select 1 from "star"."dim_feast" d where d."date" = c."date")
order by c."date";
commit;
