-- model.shop.fct_visit
-- foreign_key of member_key is proved: the load finds each key in dim_member, or takes that of a member
-- foreign_key of member_profile_key is proved: the load finds each key in dim_member_profile, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
lock table "star"."fct_visit";
-- prepare
create table if not exists "star"."fct_visit__ledger" (
  kind text not null,
  foreign_key text not null,
  "visit_id" integer,
  natural_key varchar(65535)
);
-- comment
comment on table "star"."fct_visit__ledger" is 'Natural keys that fct_visit found no row for yet; kept by whc';
-- prepare
create temporary table whc_dimension as
select cast('member_key' as varchar(256)) as foreign_key,
  cast(count(*) as varchar(32)) || '/'
    || cast(coalesce(sum(strtol(left(md5(coalesce(cast(x."member_key" as varchar(65535)), '') || '/' || coalesce(cast(x."member_id" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_from" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_to" as varchar(65535)), '')), 12), 16)), 0) as varchar(64)) as state
from "star"."dim_member" x
union all
select cast('member_profile_key' as varchar(256)) as foreign_key,
  cast(count(*) as varchar(32)) || '/'
    || cast(coalesce(sum(strtol(left(md5(coalesce(cast(x."member_profile_key" as varchar(65535)), '') || '/' || coalesce(cast(x."member_id" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_from" as varchar(65535)), '') || '/' || coalesce(cast(x."valid_to" as varchar(65535)), '')), 12), 16)), 0) as varchar(64)) as state
from "star"."dim_member_profile__history" x;
-- prepare
create temporary table whc_from as
select max(f."at") - interval '3 days' as at from "star"."fct_visit" f;
-- main
create temporary table whc_stage as
select s.*
from (
select * from staging.stg_visits
) s
where coalesce(s."at" >= (select whc_from.at from whc_from), true);
-- prepare
create temporary table whc_fact as
select coalesce(d1."member_key", -1) as "member_key",
  coalesce(d1m1."member_profile_key", -1) as "member_profile_key",
  s."visit_id",
  s."at",
  case when d1."member_key" is null and not (s."member_id" is null) then cast(s."member_id" as varchar(65535)) end as "whc_d1"
from whc_stage s
left join "star"."dim_member" d1
  on s."member_id" = d1."member_id"
    and s."at" >= d1."valid_from"
    and s."at" < coalesce(d1."valid_to", '9999-12-31')
left join "star"."dim_member_profile__history" d1m1
  on s."member_id" = d1m1."member_id"
    and s."at" >= d1m1."valid_from"
    and s."at" < coalesce(d1m1."valid_to", '9999-12-31')
    and d1."member_key" is not null;
-- prepare
create temporary table whc_count as
select count(*) as whc_rows,
  count(g."visit_id") as whc_filled_0,
  count(distinct g."visit_id") as whc_keys,
  count(g."whc_d1") as whc_d1
from whc_fact g;
-- audit null-grain: rows mean that rows of fct_visit have NULL in the grain (visit_id)
select count(*) over () as rows, f."visit_id", f."at"
from whc_fact f
where exists (select 1 from whc_count where whc_rows <> whc_filled_0)
  and (f."visit_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_visit agree in the grain (visit_id)
select count(*) over () as keys, f."visit_id", count(*) as rows
from whc_fact f
where exists (select 1 from whc_count where whc_filled_0 <> whc_keys)
group by f."visit_id" having count(*) > 1
order by count(*) desc, f."visit_id"
limit 5;
-- change
update "star"."fct_visit" f
set "member_key" = n."member_key", "member_profile_key" = n."member_profile_key", "at" = n."at"
from whc_fact n
where f."visit_id" = n."visit_id"
  and (case when f."member_key" = n."member_key" or (f."member_key" is null and n."member_key" is null) then false else true end
    or case when f."member_profile_key" = n."member_profile_key" or (f."member_profile_key" is null and n."member_profile_key" is null) then false else true end
    or case when f."at" = n."at" or (f."at" is null and n."at" is null) then false else true end);
-- change, counts the rows
insert into "star"."fct_visit" ("member_key", "member_profile_key", "visit_id", "at")
select n."member_key", n."member_profile_key", n."visit_id", n."at"
from whc_fact n
left join "star"."fct_visit" f on f."visit_id" = n."visit_id"
where f."visit_id" is null;
-- change
delete from "star"."fct_visit__ledger" using whc_fact n
where "fct_visit__ledger"."visit_id" = n."visit_id" and "fct_visit__ledger".kind = 'unresolved'
  and "fct_visit__ledger".foreign_key = 'member_key'
  and case when "fct_visit__ledger".natural_key = n."whc_d1" or ("fct_visit__ledger".natural_key is null and n."whc_d1" is null) then false else true end;
-- change
insert into "star"."fct_visit__ledger" (kind, foreign_key, "visit_id", natural_key)
select 'unresolved', 'member_key', n."visit_id", n."whc_d1"
from whc_fact n
where n."whc_d1" is not null
and not exists (
  select 1 from "star"."fct_visit__ledger" g
  where g."visit_id" = n."visit_id" and g.kind = 'unresolved' and g.foreign_key = 'member_key');
-- prepare
create temporary table whc_d1_past as
select x."member_key", x."member_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_member" x
where not exists (
    select 1 from "star"."fct_visit__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_key'
      and g.natural_key = x.state)
union all
select g.surrogate_key, g."member_id", null, null, false
from "star"."dim_member__ledger" g
left join "star"."dim_member" x on x."member_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_visit__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_key'
      and g.natural_key = x.state)
  and g.kind = 'withdrawn' and x."member_key" is null;
-- prepare
create temporary table whc_d1 as
select f."visit_id", n."member_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_visit__ledger" u
  join "star"."dim_member" n on cast(n."member_id" as varchar(65535)) = u.natural_key
  join "star"."fct_visit" f on f."visit_id" = u."visit_id"
    and f."at" >= n."valid_from"
    and f."at" < coalesce(n."valid_to", '9999-12-31')
  where u.kind = 'unresolved' and u.foreign_key = 'member_key'
    and case when f."member_key" = n."member_key" or (f."member_key" is null and n."member_key" is null) then false else true end
union all
select f."visit_id", coalesce(n."member_key", -1),
    cast(o."member_id" as varchar(65535))
  from "star"."fct_visit" f
  join whc_d1_past o on o."member_key" = f."member_key"
  left join "star"."dim_member" n on n."member_id" = o."member_id"
    and f."at" >= n."valid_from"
    and f."at" < coalesce(n."valid_to", '9999-12-31')
  where not coalesce(o.whc_there and f."at" >= o."valid_from"
    and f."at" < coalesce(o."valid_to", '9999-12-31'), false)
    and f."member_key" not in (-1, -2);
-- change
update "star"."fct_visit" f set "member_key" = s.whc_key
from whc_d1 s
where f."visit_id" = s."visit_id";
-- change
delete from "star"."fct_visit__ledger" using whc_d1 s
where "fct_visit__ledger"."visit_id" = s."visit_id" and "fct_visit__ledger".kind = 'unresolved'
  and "fct_visit__ledger".foreign_key = 'member_key';
-- change
insert into "star"."fct_visit__ledger" (kind, foreign_key, "visit_id", natural_key)
select 'unresolved', 'member_key', s."visit_id", s.whc_natural
from whc_d1 s
where s.whc_key = -1;
-- prepare
create temporary table whc_d1m1 as
select f."visit_id", case f."member_key" when -1 then -1 when -2 then -2 else coalesce(n."member_profile_key", -1) end as whc_key
from "star"."fct_visit" f
left join "star"."dim_member" o on o."member_key" = f."member_key"
left join "star"."dim_member_profile__history" n on n."member_id" = o."member_id"
    and f."at" >= n."valid_from"
    and f."at" < coalesce(n."valid_to", '9999-12-31')
where (not exists (
    select 1 from "star"."fct_visit__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_key'
      and g.natural_key = x.state)
    or not exists (
    select 1 from "star"."fct_visit__ledger" g join whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_profile_key'
      and g.natural_key = x.state))
  and case when f."member_profile_key" = case f."member_key" when -1 then -1 when -2 then -2 else coalesce(n."member_profile_key", -1) end or (f."member_profile_key" is null and case f."member_key" when -1 then -1 when -2 then -2 else coalesce(n."member_profile_key", -1) end is null) then false else true end;
-- change
update "star"."fct_visit" f set "member_profile_key" = s.whc_key
from whc_d1m1 s
where f."visit_id" = s."visit_id";
-- change
delete from "star"."fct_visit__ledger" using whc_dimension x
where "fct_visit__ledger".kind = 'dimension' and "fct_visit__ledger".foreign_key = x.foreign_key
  and case when "fct_visit__ledger".natural_key = x.state or ("fct_visit__ledger".natural_key is null and x.state is null) then false else true end;
-- change
insert into "star"."fct_visit__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, cast(x.state as varchar(65535))
from whc_dimension x
where not exists (
  select 1 from "star"."fct_visit__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key = x.state);
-- cleanup
drop table if exists whc_dimension, whc_from, whc_stage, whc_fact, whc_count, whc_d1_past, whc_d1, whc_d1m1;
commit;
