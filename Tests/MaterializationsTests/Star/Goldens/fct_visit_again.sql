-- model.shop.fct_visit
-- foreign_key of member_key is proved: the load finds each key in dim_member, or takes that of a member
-- foreign_key of member_profile_key is proved: the load finds each key in dim_member_profile, or takes that of a member

-- one transaction; may be sent again
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation star.fct_visit', 0));
-- lock
lock table "star"."fct_visit" in share row exclusive mode;
-- prepare
create table if not exists "star"."fct_visit__ledger" (
  kind text not null,
  foreign_key text not null,
  "visit_id" integer,
  natural_key text[]
);
-- comment
comment on table "star"."fct_visit__ledger" is 'Natural keys that fct_visit found no row for yet; kept by whc';
-- prepare
create temporary table whc_dimension on commit drop as
select 'member_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_member" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_member"'::regclass::oid::text as place
union all
select 'member_profile_key' as foreign_key,
  (select count(*) || '/' || coalesce(count(*) * (age('3'::xid) + 3::bigint) - sum(age(x.xmin)), 0)
    from "star"."dim_member_profile__history" x) as state,
  txid_snapshot_xmin(txid_current_snapshot())::text as horizon,
  '"star"."dim_member_profile__history"'::regclass::oid::text as place;
-- prepare
create temporary table whc_from on commit drop as
select max(f."at") - interval '3 days' as at from "star"."fct_visit" f;
-- main
create temporary table whc_stage on commit drop as
select s.*
from (
select * from staging.stg_visits
) s
where s."at" >= coalesce((select whc_from.at from pg_temp.whc_from), '-infinity') or s."at" is null;
-- analyze
analyze pg_temp.whc_stage ("member_id", "at");
-- prepare
do $whc$
begin
  raise notice '% was read from % on', 'fct_visit by at',
    coalesce((select whc_from.at from pg_temp.whc_from)::text, 'the beginning');
end
$whc$;
-- prepare
create temporary table whc_fact on commit drop as
select coalesce(d1."member_key", -1) as "member_key",
  coalesce(d1m1."member_profile_key", -1) as "member_profile_key",
  s."visit_id",
  s."at",
  case when d1."member_key" is null and not (s."member_id" is null) then array[s."member_id"::text] end as "whc_d1"
from pg_temp.whc_stage s
left join "star"."dim_member" d1
  on s."member_id" = d1."member_id"
    and s."at" >= d1."valid_from"
    and s."at" < coalesce(d1."valid_to", 'infinity')
left join "star"."dim_member_profile__history" d1m1
  on s."member_id" = d1m1."member_id"
    and s."at" >= d1m1."valid_from"
    and s."at" < coalesce(d1m1."valid_to", 'infinity')
    and d1."member_key" is not null;
-- analyze
analyze pg_temp.whc_fact ("visit_id");
-- prepare
create temporary table whc_count on commit drop as
select count(*) as whc_rows,
  count(g."visit_id") as whc_filled_0,
  count(distinct g."visit_id") as whc_keys,
  count(g."whc_d1") as whc_d1
from pg_temp.whc_fact g;
-- audit null-grain: rows mean that rows of fct_visit have NULL in the grain (visit_id)
select count(*) over () as rows, f."visit_id", f."at"
from pg_temp.whc_fact f
where exists (select 1 from pg_temp.whc_count where whc_rows <> whc_filled_0)
  and (f."visit_id" is null)
limit 5;
-- audit duplicate-grain: rows mean that rows of fct_visit agree in the grain (visit_id)
select count(*) over () as keys, f."visit_id", count(*) as rows
from pg_temp.whc_fact f
where exists (select 1 from pg_temp.whc_count where whc_filled_0 <> whc_keys)
group by f."visit_id" having count(*) > 1
order by count(*) desc, f."visit_id"
limit 5;
-- prepare
set local seq_page_cost = 0.05;
-- prepare
set local random_page_cost = 0.05;
-- change
update "star"."fct_visit" f
set "member_key" = n."member_key", "member_profile_key" = n."member_profile_key", "at" = n."at"
from pg_temp.whc_fact n
where f."visit_id" = n."visit_id"
  and (f."member_key" is distinct from n."member_key"
    or f."member_profile_key" is distinct from n."member_profile_key"
    or f."at" is distinct from n."at");
-- change, counts the rows
insert into "star"."fct_visit" ("member_key", "member_profile_key", "visit_id", "at")
select n."member_key", n."member_profile_key", n."visit_id", n."at"
from pg_temp.whc_fact n
left join "star"."fct_visit" f on f."visit_id" = n."visit_id"
where f.ctid is null;
-- prepare
set local seq_page_cost to default;
-- prepare
set local random_page_cost to default;
-- change
delete from "star"."fct_visit__ledger" g using pg_temp.whc_fact n
where g."visit_id" = n."visit_id" and g.kind = 'unresolved'
  and g.foreign_key = 'member_key'
  and g.natural_key is distinct from n."whc_d1";
-- change
insert into "star"."fct_visit__ledger" (kind, foreign_key, "visit_id", natural_key)
select 'unresolved', 'member_key', n."visit_id", n."whc_d1"
from pg_temp.whc_fact n
where n."whc_d1" is not null
and not exists (
  select 1 from "star"."fct_visit__ledger" g
  where g."visit_id" = n."visit_id" and g.kind = 'unresolved' and g.foreign_key = 'member_key');
-- prepare
create temporary table whc_d1_past on commit drop as
select x."member_key", x."member_id", x."valid_from", x."valid_to", true as whc_there
from "star"."dim_member" x
where not exists (
    select 1 from "star"."fct_visit__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_key'
      and g.natural_key[1] = x.state)
  and age(x.xmin) <= (select coalesce(max(
    case when g.natural_key[3] = x.place
      and x.horizon::bigint - g.natural_key[2]::bigint between 0 and 2000000000
    then age((g.natural_key[2]::bigint % 4294967296)::text::xid) end), 2147483647)
  from "star"."fct_visit__ledger" g join pg_temp.whc_dimension x using (foreign_key)
  where g.kind = 'dimension' and g.foreign_key = 'member_key')
union all
select g.surrogate_key, g."member_id", null, null, false
from "star"."dim_member__ledger" g
left join "star"."dim_member" x on x."member_key" = g.surrogate_key
where not exists (
    select 1 from "star"."fct_visit__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_key'
      and g.natural_key[1] = x.state)
  and g.kind = 'withdrawn' and x.ctid is null;
-- analyze
analyze pg_temp.whc_d1_past ("member_key", "member_id");
-- prepare
create temporary table whc_d1 on commit drop as
select f.ctid as whc_tid, f."visit_id", n."member_key" as whc_key,
    u.natural_key as whc_natural
  from "star"."fct_visit__ledger" u
  join "star"."dim_member" n on array[n."member_id"::text] = u.natural_key
  join "star"."fct_visit" f on f."visit_id" = u."visit_id"
    and f."at" >= n."valid_from"
    and f."at" < coalesce(n."valid_to", 'infinity')
  where u.kind = 'unresolved' and u.foreign_key = 'member_key'
    and f."member_key" is distinct from n."member_key"
union all
select f.ctid as whc_tid, f."visit_id", coalesce(n."member_key", -1),
    array[o."member_id"::text]
  from "star"."fct_visit" f
  join pg_temp.whc_d1_past o on o."member_key" = f."member_key"
  left join "star"."dim_member" n on n."member_id" = o."member_id"
    and f."at" >= n."valid_from"
    and f."at" < coalesce(n."valid_to", 'infinity')
  where (o.whc_there and f."at" >= o."valid_from"
    and f."at" < coalesce(o."valid_to", 'infinity')) is not true
    and f."member_key" not in (-1, -2);
-- prepare
do $whc$
begin
  if exists (select from pg_temp.whc_d1) then
    raise notice '% rows of % were given another key to %, whose past changed',
      (select count(*) from pg_temp.whc_d1), 'fct_visit', 'dim_member';
  end if;
end
$whc$;
-- change
update "star"."fct_visit" f set "member_key" = s.whc_key
from pg_temp.whc_d1 s
where f.ctid = s.whc_tid;
-- change
delete from "star"."fct_visit__ledger" g using pg_temp.whc_d1 s
where g."visit_id" = s."visit_id" and g.kind = 'unresolved'
  and g.foreign_key = 'member_key';
-- change
insert into "star"."fct_visit__ledger" (kind, foreign_key, "visit_id", natural_key)
select 'unresolved', 'member_key', s."visit_id", s.whc_natural
from pg_temp.whc_d1 s
where s.whc_key = -1;
-- prepare
create temporary table whc_d1m1 on commit drop as
select f.ctid as whc_tid, case f."member_key" when -1 then -1 when -2 then -2 else coalesce(n."member_profile_key", -1) end as whc_key
from "star"."fct_visit" f
left join "star"."dim_member" o on o."member_key" = f."member_key"
left join "star"."dim_member_profile__history" n on n."member_id" = o."member_id"
    and f."at" >= n."valid_from"
    and f."at" < coalesce(n."valid_to", 'infinity')
where (not exists (
    select 1 from "star"."fct_visit__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_key'
      and g.natural_key[1] = x.state)
    or not exists (
    select 1 from "star"."fct_visit__ledger" g join pg_temp.whc_dimension x on x.foreign_key = g.foreign_key
    where g.kind = 'dimension' and g.foreign_key = 'member_profile_key'
      and g.natural_key[1] = x.state))
  and f."member_profile_key" is distinct from case f."member_key" when -1 then -1 when -2 then -2 else coalesce(n."member_profile_key", -1) end;
-- prepare
do $whc$
begin
  if exists (select from pg_temp.whc_d1m1) then
    raise notice '% rows of % were given another key to %, whose past changed',
      (select count(*) from pg_temp.whc_d1m1), 'fct_visit', 'dim_member_profile';
  end if;
end
$whc$;
-- change
update "star"."fct_visit" f set "member_profile_key" = s.whc_key
from pg_temp.whc_d1m1 s
where f.ctid = s.whc_tid;
-- change
delete from "star"."fct_visit__ledger" g using pg_temp.whc_dimension x
where g.kind = 'dimension' and g.foreign_key = x.foreign_key
  and g.natural_key[1] is distinct from x.state;
-- change
insert into "star"."fct_visit__ledger" (kind, foreign_key, natural_key)
select 'dimension', x.foreign_key, array[x.state, x.horizon, x.place]
from pg_temp.whc_dimension x
where not exists (
  select 1 from "star"."fct_visit__ledger" g
  where g.kind = 'dimension' and g.foreign_key = x.foreign_key and g.natural_key[1] = x.state);
commit;
