-- model.shop.dim_flags
-- a copy on every node: it has 20 rows
-- sorted by flags_key, by which facts join it
-- surrogate_key is proved: a key is given to a new combination, once
-- combinations is proved: only what is not there yet is added, under a lock

-- one transaction; may be sent again
begin;
-- prepare
create table if not exists "star"."dim_flags" (
  "flags_key" bigint not null,
  "gift" boolean,
  "channel" character varying(20)
)
  diststyle all
  compound sortkey (flags_key);
-- lock
lock table "star"."dim_flags";
-- change
insert into "star"."dim_flags" ("flags_key")
select -1
where not exists (select 1 from "star"."dim_flags" where "flags_key" = -1);
-- change
insert into "star"."dim_flags" ("flags_key")
select -2
where not exists (select 1 from "star"."dim_flags" where "flags_key" = -2);
-- main
create temporary table "whc_stage"
  as (
select * from staging.stg_flags
  );
-- change, counts the rows
insert into "star"."dim_flags" ("flags_key", "gift", "channel")
select (select coalesce(max(k."flags_key"), 0) from "star"."dim_flags" k where k."flags_key" > 0)
    + row_number() over (order by n."gift", n."channel"),
  n."gift", n."channel"
from (
  select distinct s."gift" as "gift", s."channel" as "channel"
  from whc_stage s
) n
where not exists (select 1 from "star"."dim_flags" d where case when n."gift" is null then 0 else 1 end = case when d."gift" is null then 0 else 1 end and case when n."gift" then 'y' when not n."gift" then 'n' else '' end = case when d."gift" then 'y' when not d."gift" then 'n' else '' end
    and case when n."channel" is null then 0 else 1 end = case when d."channel" is null then 0 else 1 end and coalesce(cast(n."channel" as varchar(65535)), '') = coalesce(cast(d."channel" as varchar(65535)), '')
    and d."flags_key" > 0);
-- index
alter table "star"."dim_flags" add primary key ("flags_key");
-- cleanup
drop table if exists "whc_stage";
commit;
