-- What Redshift has and PostgreSQL has not: functions, system views, and the stand-in's own schema `redshift`.
-- Functions and views go to pg_catalog, where every search path finds them.
set client_min_messages = warning;
set allow_system_table_mods = on;
create schema if not exists redshift;
grant usage on schema redshift to public;

-- Errors -------------------------------------------------------------------------------------------------------

create or replace function redshift.raise(code text, message text, detail text) returns int language plpgsql as $f$
begin
  if detail = '' then raise exception using errcode = code, message = message; end if;
  raise exception using errcode = code, message = message, detail = detail;
end $f$;

create or replace procedure redshift.nothing() language sql as '';

-- Functions ----------------------------------------------------------------------------------------------------

create or replace function pg_catalog.redshift_version() returns text immutable language sql as $f$
  select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.103851'
$f$;
create or replace function pg_catalog.getdate() returns timestamp stable language sql as
  $f$ select date_trunc('second', statement_timestamp() at time zone 'UTC') $f$;
create or replace function pg_catalog.len(text) returns int immutable strict language sql as $f$ select char_length($1) $f$;
create or replace function pg_catalog.textlen(text) returns int immutable strict language sql as $f$ select char_length($1) $f$;
create or replace function pg_catalog.redshift_concat(text, text) returns text immutable strict language sql as $f$ select $1 || $2 $f$;
create or replace function pg_catalog.charindex(text, text) returns int immutable strict language sql as $f$ select strpos($2, $1) $f$;
create or replace function pg_catalog.trunc(timestamp) returns date immutable strict language sql as $f$ select $1::date $f$;
create or replace function pg_catalog.sha1(text) returns text immutable strict language sql as
  $f$ select encode(sha256(convert_to($1, 'UTF8')), 'hex') $f$;
create or replace function pg_catalog.sha2(text, int) returns text immutable strict language sql as $f$
  select encode(case $2 when 224 then sha224(convert_to($1, 'UTF8')) when 384 then sha384(convert_to($1, 'UTF8'))
    when 512 then sha512(convert_to($1, 'UTF8')) else sha256(convert_to($1, 'UTF8')) end, 'hex') $f$;
create or replace function pg_catalog.strtol(text, int) returns bigint immutable strict language plpgsql as $f$
declare digits text := lower($1); value numeric := 0; c text;
begin
  foreach c in array string_to_array(digits, null) loop
    value := value * $2 + strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1;
  end loop;
  if value > 9223372036854775807 then raise exception using errcode = '22003', message = 'The input ' || $1 || ' is not valid to be converted to base ' || $2; end if;
  return value::bigint;
end $f$;

create or replace function pg_catalog.dateadd(part text, amount bigint, moment timestamp) returns timestamp immutable strict
language plpgsql as $f$
declare unit text := lower(part);
begin
  unit := case unit when 'years' then 'year' when 'yr' then 'year' when 'y' then 'year' when 'yrs' then 'year'
    when 'mon' then 'month' when 'months' then 'month' when 'mons' then 'month'
    when 'd' then 'day' when 'days' then 'day' when 'dayofyear' then 'day'
    when 'w' then 'week' when 'weeks' then 'week' when 'h' then 'hour' when 'hr' then 'hour' when 'hours' then 'hour'
    when 'm' then 'minute' when 'min' then 'minute' when 'minutes' then 'minute' when 'mins' then 'minute'
    when 's' then 'second' when 'sec' then 'second' when 'seconds' then 'second' when 'ms' then 'millisecond'
    when 'us' then 'microsecond' when 'qtr' then 'quarter' when 'quarters' then 'quarter' else unit end;
  if unit = 'quarter' then return moment + (amount * 3 || ' month')::interval; end if;
  return moment + (amount || ' ' || unit)::interval;
end $f$;
create or replace function pg_catalog.dateadd(part text, amount bigint, moment timestamptz) returns timestamptz stable strict
  language sql as $f$ select dateadd($1, $2, $3 at time zone 'UTC') at time zone 'UTC' $f$;
create or replace function pg_catalog.dateadd(part text, amount bigint, moment date) returns timestamp immutable strict
  language sql as $f$ select dateadd($1, $2, $3::timestamp) $f$;
create or replace function pg_catalog.datediff(part text, a timestamp, b timestamp) returns bigint immutable strict
language plpgsql as $f$
declare unit text := lower(part);
begin
  unit := regexp_replace(case unit when 'hr' then 'hour' when 'h' then 'hour' when 'min' then 'minute' when 'm' then 'minute'
    when 'sec' then 'second' when 's' then 'second' when 'mon' then 'month' when 'd' then 'day' when 'w' then 'week'
    when 'yr' then 'year' when 'y' then 'year' when 'qtr' then 'quarter' when 'ms' then 'millisecond' else unit end, 's$', '');
  return case unit
    when 'year' then extract(year from b) - extract(year from a)
    when 'quarter' then (extract(year from b) - extract(year from a)) * 4 + extract(quarter from b) - extract(quarter from a)
    when 'month' then (extract(year from b) - extract(year from a)) * 12 + extract(month from b) - extract(month from a)
    -- A week begins on Sunday: https://docs.aws.amazon.com/redshift/latest/dg/r_DATEDIFF_function.html
    when 'week' then floor((b::date - date '1899-12-31') / 7.0) - floor((a::date - date '1899-12-31') / 7.0)
    when 'day' then b::date - a::date
    when 'hour' then (extract(epoch from date_trunc('hour', b)) - extract(epoch from date_trunc('hour', a))) / 3600
    when 'minute' then (extract(epoch from date_trunc('minute', b)) - extract(epoch from date_trunc('minute', a))) / 60
    when 'second' then extract(epoch from date_trunc('second', b)) - extract(epoch from date_trunc('second', a))
    when 'millisecond' then (extract(epoch from b) - extract(epoch from a)) * 1000
    else (extract(epoch from b) - extract(epoch from a)) * 1000000 end;
end $f$;
create or replace function pg_catalog.datediff(part text, a timestamptz, b timestamptz) returns bigint stable strict
  language sql as $f$ select datediff($1, $2 at time zone 'UTC', $3 at time zone 'UTC') $f$;
create or replace function pg_catalog.datediff(part text, a date, b date) returns bigint immutable strict
  language sql as $f$ select datediff($1, $2::timestamp, $3::timestamp) $f$;
create or replace function pg_catalog.add_months(timestamp, int) returns timestamp immutable strict language sql as $f$
  select case when date_trunc('month', $1) + interval '1 month' - interval '1 day' = date_trunc('day', $1)
    then date_trunc('month', $1) + ($2 + 1) * interval '1 month' - interval '1 day' + ($1 - date_trunc('day', $1))
    else $1 + $2 * interval '1 month' end $f$;
create or replace function pg_catalog.last_day(timestamp) returns date immutable strict language sql as
  $f$ select (date_trunc('month', $1) + interval '1 month' - interval '1 day')::date $f$;
create or replace function pg_catalog.convert_timezone(text, text, timestamp) returns timestamp immutable strict language sql as
  $f$ select ($3 at time zone $1) at time zone $2 $f$;
create or replace function pg_catalog.convert_timezone(text, timestamp) returns timestamp immutable strict language sql as
  $f$ select ($2 at time zone 'UTC') at time zone $1 $f$;
create or replace function pg_catalog.date_part_year(date) returns int immutable strict language sql as
  $f$ select extract(year from $1)::int $f$;

create or replace function pg_catalog.json_parse(text) returns jsonb immutable strict language sql as $f$ select $1::jsonb $f$;
create or replace function pg_catalog.json_serialize(jsonb) returns varchar immutable strict language sql as $f$ select $1::text::varchar $f$;
create or replace function redshift_is_json(value text) returns boolean immutable language plpgsql as $f$
begin perform value::jsonb; return value is not null; exception when others then return false; end $f$;
create or replace function pg_catalog.is_valid_json(text) returns boolean immutable language sql as $f$ select public.redshift_is_json($1) $f$;
create or replace function pg_catalog.can_json_parse(text) returns boolean immutable language sql as $f$ select public.redshift_is_json($1) $f$;
create or replace function pg_catalog.redshift_json(text) returns json immutable strict language sql as $f$ select $1::json $f$;
create or replace function pg_catalog.json_array_length(text) returns int immutable strict language sql as
  $f$ select jsonb_array_length($1::jsonb) $f$;
create or replace function pg_catalog.json_extract_array_element_text(text, int) returns varchar immutable strict language sql as
  $f$ select ($1::jsonb ->> $2)::varchar $f$;

do $f$
begin
  if not exists (select 1 from pg_proc where proname = 'any_value') then
    create function redshift.first_one(anyelement, anyelement) returns anyelement immutable strict language sql as 'select $1';
    create aggregate pg_catalog.any_value(anyelement) (sfunc = redshift.first_one, stype = anyelement);
  end if;
end $f$;

-- AVG of integers is an integer, cut off: https://docs.aws.amazon.com/redshift/latest/dg/r_AVG.html
create or replace function redshift.whole_average(bigint[]) returns numeric immutable strict language sql as
  $f$ select trunc(int8_avg($1)) $f$;
update pg_aggregate set aggfinalfn = 'redshift.whole_average'
where aggfnoid in ('avg(int4)'::regprocedure, 'avg(int2)'::regprocedure);

-- A boolean does not become text: dbt-redshift 1.11.1, utils/cast_bool_to_text.sql
create or replace function redshift.no_text(boolean) returns text immutable strict language plpgsql as $f$
begin raise exception using errcode = '42846', message = 'cannot cast type boolean to character varying'; end $f$;
update pg_cast set castfunc = 'redshift.no_text(boolean)'::regprocedure
where castsource = 'boolean'::regtype and casttarget in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype);

-- Tables -------------------------------------------------------------------------------------------------------

create table if not exists redshift.designs (
  relation oid primary key, style text, dist text, sort text[], kind text, encoded boolean, backup boolean);
create table if not exists redshift.keys (relation oid, name text, definition text, columns text[], is_foreign boolean);
create table if not exists redshift.late_views (
  schema_name text, view_name text, query text, owner text default current_user, view oid, primary key (schema_name, view_name));
create table if not exists redshift.materialized_views (
  schema_name text, view_name text, query text, definition text, storage text, auto_refresh boolean,
  primary key (schema_name, view_name));
grant all on all tables in schema redshift to public;

-- A foreign key points to columns that are declared unique: https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
create or replace function redshift.check_reference(key jsonb) returns void language plpgsql as $f$
declare target oid := to_regclass(key ->> 'table');
begin
  if target is null then
    raise exception using errcode = '42P01', message = format('relation "%s" does not exist', key ->> 'table');
  end if;
  if not exists (select 1 from redshift.keys where relation = target and not is_foreign
    and (key -> 'columns' = '[]' and definition ilike 'primary key%'
      or columns @> array(select jsonb_array_elements_text(key -> 'columns'))
        and columns <@ array(select jsonb_array_elements_text(key -> 'columns'))))
  then
    raise exception using errcode = '42830',
      message = format('there is no unique constraint matching given keys for referenced table "%s"', split_part(key ->> 'table', '.', 2));
  end if;
end $f$;

create or replace procedure redshift.add_key(of text, key_name text, def text, key_columns text[], key jsonb) language plpgsql as $f$
begin
  if key is not null then perform redshift.check_reference(key); end if;
  if def ilike 'primary key%' and exists (select 1 from pg_attribute
    where attrelid = of::regclass and attname = any(key_columns) and not attnotnull)
  then raise exception using errcode = '42P16', message = 'a column of a primary key must be declared NOT NULL'; end if;
  insert into redshift.keys values (of::regclass, key_name, def, key_columns, key is not null);
end $f$;

create or replace procedure redshift.restyle(of text, new_style text, new_dist text) language sql as $f$
  insert into redshift.designs (relation, style, dist, sort, kind, encoded, backup)
  values (of::regclass, new_style, new_dist, '{}', '', false, true)
  on conflict (relation) do update set style = excluded.style, dist = excluded.dist;
$f$;

create or replace procedure redshift.drop_key(of text, key_name text) language plpgsql as $f$
begin
  delete from redshift.keys where relation = of::regclass and name = key_name;
  if not found then
    raise exception using errcode = '42704', message = format('constraint "%s" of relation "%s" does not exist', key_name, of);
  end if;
end $f$;

-- After a table was made or changed: its keys are noted and not held, its varchar columns hold bytes, text that a query
-- made has the greatest width.
create or replace function redshift.after_definition() returns event_trigger language plpgsql security definer as $f$
declare made record; found record; design jsonb;
begin
  for made in select distinct objid, command_tag, object_identity from pg_event_trigger_ddl_commands()
    where classid = 'pg_class'::regclass and object_type in ('table', 'table column', 'index')
      and coalesce(schema_name, '') <> 'redshift'
  loop
    if made.command_tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO') then
      design := nullif(current_setting('redshift.design', true), '')::jsonb;
      perform set_config('redshift.design', '', false);
      if design is not null then
        perform redshift.check_reference(key) from jsonb_array_elements(coalesce(design -> 'references', '[]')) as r(key);
        insert into redshift.designs values (made.objid, design ->> 'style', design ->> 'dist',
          array(select jsonb_array_elements_text(design -> 'sort')), design ->> 'kind', (design ->> 'encoded')::boolean,
          (design ->> 'backup')::boolean) on conflict do nothing;
        for found in select name from jsonb_array_elements_text(
            design -> 'sort' || case when design ->> 'dist' <> '' then jsonb_build_array(design ->> 'dist') else '[]' end) as n(name)
          where not exists (select 1 from pg_attribute where attrelid = made.objid and attname = name)
        loop
          raise exception using errcode = '42703', message = format('column "%s" named in DISTKEY or SORTKEY does not exist', found.name);
        end loop;
      end if;
    end if;
    if current_setting('redshift.defining', true) = 'on' then continue; end if;
    perform set_config('redshift.defining', 'on', true);
    for found in select conname, contype, pg_get_constraintdef(oid) as definition,
        array(select attname::text from pg_attribute where attrelid = conrelid and attnum = any(conkey)) as columns from pg_constraint
      where conrelid = made.objid and contype in ('p', 'u') order by contype
    loop
      insert into redshift.keys values (made.objid, found.conname, found.definition, found.columns, false);
      execute format('alter table %s drop constraint %I cascade', made.objid::regclass, found.conname);
    end loop;
    if made.command_tag in ('CREATE TABLE AS', 'SELECT INTO') then
      for found in select attname from pg_attribute where attrelid = made.objid and attnum > 0 and not attisdropped
        and (atttypid = 'text'::regtype or atttypid = 'varchar'::regtype and atttypmod < 0)
      loop
        execute format('alter table %s alter column %I type varchar(65535)', made.objid::regclass, found.attname);
      end loop;
    end if;
    for found in select a.attname, a.atttypmod - 4 as bytes, c.conname
      from pg_attribute a left join pg_constraint c on c.conrelid = a.attrelid and c.contype = 'c'
        and c.conname = left('bytes_of_' || a.attnum, 63)
      where a.attrelid = made.objid and a.attnum > 0 and not a.attisdropped and a.atttypid = 'varchar'::regtype
        and a.atttypmod > 0 and (c.oid is null
          or pg_get_constraintdef(c.oid) not like '%<= ' || (a.atttypmod - 4) || ')%')
    loop
      if found.conname is not null then
        execute format('alter table %s drop constraint %I', made.objid::regclass, found.conname);
      end if;
      execute format('alter table %s add constraint %I check (octet_length(%I) <= %s)', made.objid::regclass,
        'bytes_of_' || (select attnum from pg_attribute where attrelid = made.objid and attname = found.attname),
        found.attname, found.bytes);
    end loop;
    perform set_config('redshift.defining', 'off', true);
  end loop;
  -- A view that was renamed is the same view.
  update redshift.late_views l set schema_name = n.nspname, view_name = c.relname
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid = l.view and (l.schema_name, l.view_name) <> (n.nspname, c.relname);
  call redshift.mend_late_views();
end $f$;

create or replace function redshift.after_drop() returns event_trigger language plpgsql security definer as $f$
declare gone record;
begin
  for gone in select * from pg_event_trigger_dropped_objects() where object_type in ('table', 'view') loop
    delete from redshift.designs where relation = gone.objid;
    delete from redshift.keys where relation = gone.objid;
    if gone.original and current_setting('redshift.mending', true) is distinct from 'on' then
      delete from redshift.late_views where schema_name = gone.schema_name and view_name = gone.object_name;
    end if;
    for gone in delete from redshift.materialized_views where schema_name = gone.schema_name and view_name = gone.object_name
      returning schema_name, storage
    loop
      execute format('drop table if exists %I.%I cascade', gone.schema_name, gone.storage);
    end loop;
  end loop;
  -- A view without schema binding goes with its schema, though not with what it reads.
  delete from redshift.late_views where to_regnamespace(quote_ident(schema_name)) is null;
end $f$;

drop event trigger if exists redshift_after_definition;
drop event trigger if exists redshift_after_drop;
create event trigger redshift_after_definition on ddl_command_end
  when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE', 'CREATE VIEW', 'DROP TABLE', 'DROP VIEW')
  execute function redshift.after_definition();
create event trigger redshift_after_drop on sql_drop execute function redshift.after_drop();

-- Views without schema binding: PostgreSQL binds them, so they are made again when what they read was dropped or renamed.
create or replace procedure redshift.mend_late_views() language plpgsql security definer as $f$
declare late record; stands oid;
begin
  if current_setting('redshift.mending', true) = 'on' then return; end if;
  perform set_config('redshift.mending', 'on', true);
  for late in select * from redshift.late_views loop
    stands := to_regclass(format('%I.%I', late.schema_name, late.view_name));
    if stands is not null and not exists (
      select 1 from pg_depend d join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
      join pg_class c on c.oid = d.refobjid and d.refclassid = 'pg_class'::regclass join pg_namespace n on n.oid = c.relnamespace
      where r.ev_class = stands and c.oid <> stands
        and strpos(replace(late.query, '"', ''), n.nspname || '.' || c.relname) = 0) then continue; end if;
    begin
      if stands is not null then execute format('drop view %I.%I cascade', late.schema_name, late.view_name); end if;
      execute format('create view %I.%I as %s', late.schema_name, late.view_name, late.query);
      execute format('alter view %I.%I owner to %I', late.schema_name, late.view_name, late.owner);
      update redshift.late_views set view = to_regclass(format('%I.%I', late.schema_name, late.view_name))
      where schema_name = late.schema_name and view_name = late.view_name;
    exception when undefined_table or undefined_column or invalid_schema_name then null;
    end;
  end loop;
  perform set_config('redshift.mending', 'off', true);
end $f$;

create or replace procedure redshift.make_late(at_schema text, name text, query text, replaces boolean) language plpgsql as $f$
begin
  if to_regnamespace(quote_ident(at_schema)) is null then
    raise exception using errcode = '3F000', message = format('schema "%s" does not exist', at_schema);
  end if;
  if to_regclass(format('%I.%I', at_schema, name)) is not null then
    if not replaces then raise exception using errcode = '42P07', message = format('relation "%s" already exists', name); end if;
    execute format('drop view %I.%I', at_schema, name);
  end if;
  delete from redshift.late_views where schema_name = at_schema and view_name = name;
  insert into redshift.late_views (schema_name, view_name, query) values (at_schema, name, query);
  call redshift.mend_late_views();
end $f$;

-- A materialized view is a table of its rows and a view on it, as in Redshift.
create or replace procedure redshift.make_materialized(at_schema text, name text, query text, definition text, design text)
language plpgsql as $f$
declare stored text := 'mv_tbl__' || name || '__0';
begin
  if to_regclass(format('%I.%I', at_schema, name)) is not null then
    raise exception using errcode = '42P07', message = format('relation "%s" already exists', name);
  end if;
  perform set_config('redshift.design', (design::jsonb || '{"style": "EVEN"}'
    || case when design::jsonb ->> 'style' = 'AUTO(ALL)' then '{}'::jsonb else jsonb_build_object('style', design::jsonb ->> 'style') end)::text, false);
  execute format('create table %I.%I as %s', at_schema, stored, query);
  execute format('create view %I.%I as select * from %I.%I union all select * from (%s) as nothing where false',
    at_schema, name, at_schema, stored, query);
  insert into redshift.materialized_views
    values (at_schema, name, query, definition, stored, (design::jsonb ->> 'refresh')::boolean);
end $f$;

create or replace procedure redshift.refresh(at_schema text, name text) language plpgsql as $f$
declare found redshift.materialized_views;
begin
  select * into found from redshift.materialized_views where schema_name = at_schema and view_name = name;
  if not found.view_name = name or found.view_name is null then
    raise exception using errcode = '42P01', message = format('materialized view "%s" does not exist', name);
  end if;
  execute format('delete from %I.%I', at_schema, found.storage);
  execute format('insert into %I.%I %s', at_schema, found.storage, found.query);
end $f$;

create or replace procedure redshift.drop_materialized(at_schema text, name text, may_lack boolean, cascades boolean)
language plpgsql as $f$
begin
  if not exists (select 1 from redshift.materialized_views where schema_name = at_schema and view_name = name) then
    if may_lack then return; end if;
    raise exception using errcode = '42P01', message = format('materialized view "%s" does not exist', name);
  end if;
  execute format('drop view %I.%I %s', at_schema, name, case when cascades then 'cascade' else '' end);
end $f$;

create or replace procedure redshift.set_refresh(at_schema text, name text, refreshes boolean) language sql as $f$
  update redshift.materialized_views set auto_refresh = refreshes where schema_name = at_schema and view_name = name;
$f$;

-- System views -------------------------------------------------------------------------------------------------

-- Columns as Redshift tells them: those of views without schema binding stand in no table of the catalogue.
create or replace view redshift.attributes as
select a.attrelid, a.attname, a.atttypid, a.attlen, a.attnum, a.atttypmod, a.attnotnull, a.atthasdef, a.attisdropped,
  coalesce(d.dist = a.attname, false) as attisdistkey, coalesce(array_position(d.sort, a.attname::text), 0) as attsortkeyord
from pg_catalog.pg_attribute a left join redshift.designs d on d.relation = a.attrelid
where not exists (
  select 1 from redshift.late_views l join pg_class c on c.relname = l.view_name
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = l.schema_name where c.oid = a.attrelid);

-- Keys that are noted and not held; what widths are held by is no constraint.
create or replace view redshift.constraints as
select oid, conname, contype, conrelid, conindid, confrelid, conkey, confkey from pg_catalog.pg_constraint where contype <> 'c'
union all
select 0::oid, coalesce(name, '')::name, case when is_foreign then 'f' when definition ilike 'primary key%' then 'p' else 'u' end::"char",
  relation, 0::oid, 0::oid, null::smallint[], null::smallint[]
from redshift.keys;

do $f$
begin
  if to_regclass('information_schema.columns_of_postgres') is null then
    alter view information_schema.columns rename to columns_of_postgres;
    create view information_schema.columns as
    select * from information_schema.columns_of_postgres c
    where not exists (select 1 from redshift.late_views l where l.schema_name = c.table_schema and l.view_name = c.table_name);
    grant select on information_schema.columns to public;
  end if;
end $f$;

create or replace view pg_catalog.pg_views as
select n.nspname as schemaname, c.relname as viewname, pg_get_userbyid(c.relowner) as viewowner,
  coalesce(m.definition, l.query, pg_get_viewdef(c.oid)) as definition
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join redshift.materialized_views m on m.schema_name = n.nspname and m.view_name = c.relname
left join redshift.late_views l on l.schema_name = n.nspname and l.view_name = c.relname
where c.relkind = 'v';

create or replace view information_schema.views as
select current_database()::information_schema.sql_identifier as table_catalog,
  schemaname::information_schema.sql_identifier as table_schema, viewname::information_schema.sql_identifier as table_name,
  definition::information_schema.character_data as view_definition, 'NONE'::information_schema.character_data as check_option,
  'NO'::information_schema.yes_or_no as is_updatable, 'NO'::information_schema.yes_or_no as is_insertable_into,
  'NO'::information_schema.yes_or_no as is_trigger_updatable, 'NO'::information_schema.yes_or_no as is_trigger_deletable,
  'NO'::information_schema.yes_or_no as is_trigger_insertable_into
from pg_catalog.pg_views where schemaname <> 'redshift';

create or replace function pg_catalog.pg_get_late_binding_view_cols() returns setof record stable language sql as $f$
  select l.schema_name::name, l.view_name::name, a.attname::name, format_type(a.atttypid, a.atttypmod)::varchar, a.attnum::int
  from redshift.late_views l
  join pg_attribute a on a.attrelid = to_regclass(format('%I.%I', l.schema_name, l.view_name)) and a.attnum > 0
$f$;

create or replace view pg_catalog.svv_table_info as
-- A materialized view stands here under its own name.
select current_database()::text as database, n.nspname::text as schema, c.oid as table_id,
  coalesce(m.view_name, c.relname::text) as "table",
  case when coalesce(d.encoded, false) then 'Y' else 'Y, AUTO(ENCODE)' end as encoded,
  coalesce(d.style, 'AUTO(ALL)') as diststyle,
  case when d.kind = 'interleaved' then 'INTERLEAVED' else coalesce(d.sort[1], 'AUTO(SORTKEY)') end as sortkey1,
  coalesce((select max(atttypmod - 4) from pg_attribute a where a.attrelid = c.oid and a.atttypid = 'varchar'::regtype and attnum > 0), 0) as max_varchar,
  null::text as sortkey1_enc, coalesce(cardinality(d.sort), 0) as sortkey_num, greatest(1, pg_relation_size(c.oid) / 1000000) as size,
  0.0::numeric as pct_used, 0 as empty, null::numeric as unsorted, 0.0::numeric as stats_off, greatest(c.reltuples, 0)::numeric as tbl_rows,
  null::numeric as skew_sortkey1, null::numeric as skew_rows, greatest(c.reltuples, 0)::numeric as estimated_visible_rows,
  null::text as risk_event, null::numeric as vacuum_sort_benefit, now()::timestamp as create_time
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join redshift.designs d on d.relation = c.oid
left join redshift.materialized_views m on m.schema_name = n.nspname and m.storage = c.relname
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'redshift')
  and n.nspname not like 'pg_toast%' and c.reltuples <> 0;

create or replace view pg_catalog.svv_mv_info as
select current_database()::text as database_name, schema_name, 'rdsdb'::text as user_name, view_name as name, 'f'::text as is_stale,
  case when auto_refresh then 't' else 'f' end as autorefresh, 1 as state
from redshift.materialized_views;

-- What external schemas and other databases hold: nothing, until a test says so.
create table if not exists redshift.external_columns (schemaname text, tablename text, columnname text, external_type text, columnnum int);
create table if not exists redshift.shared_columns (database_name text, schema_name text, table_name text, column_name text,
  ordinal_position int, data_type text, character_maximum_length int);
create or replace view pg_catalog.svv_external_columns as
select current_database()::text as redshift_database_name, schemaname, tablename, columnname, external_type, columnnum,
  0 as part_key, null::text as is_nullable from redshift.external_columns;
create or replace view pg_catalog.svv_external_schemas as
select distinct null::oid as esoid, 1 as eskind, schemaname, null::int as esowner, null::text as databasename,
  null::text as esoptions from redshift.external_columns;
create or replace view pg_catalog.svv_external_tables as
select distinct current_database()::text as redshift_database_name, schemaname, tablename, null::text as location
from redshift.external_columns;

create or replace view redshift.show_tables as
select current_database()::text as database_name, n.nspname::text as schema_name, c.relname::text as table_name,
  case c.relkind when 'v' then 'VIEW' else 'TABLE' end as table_type, ''::text as table_acl,
  obj_description(c.oid, 'pg_class') as remarks, pg_get_userbyid(c.relowner)::text as owner,
  now()::timestamp as last_altered_time, now()::timestamp as last_modified_time, coalesce(d.style, 'AUTO(ALL)') as dist_style,
  case when m.view_name is not null then 'MATERIALIZED VIEW' when l.view_name is not null then 'LATE BINDING VIEW'
    when c.relkind = 'v' then 'REGULAR VIEW' else 'REGULAR TABLE' end as table_subtype
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join redshift.designs d on d.relation = c.oid
left join redshift.materialized_views m on m.schema_name = n.nspname and m.view_name = c.relname
left join redshift.late_views l on l.schema_name = n.nspname and l.view_name = c.relname
where c.relkind in ('r', 'v') and c.relname not like 'mv\_tbl\_\_%';

create or replace view redshift.show_columns as
select current_database()::text as database_name, n.nspname::text as schema_name, c.relname::text as table_name,
  a.attname::text as column_name, a.attnum::int as ordinal_position, null::text as column_default,
  case when a.attnotnull then 'NO' else 'YES' end as is_nullable, format_type(a.atttypid, null) as data_type,
  case when a.atttypid in ('varchar'::regtype, 'bpchar'::regtype) then a.atttypmod - 4 end as character_maximum_length,
  case when a.atttypid = 'numeric'::regtype then ((a.atttypmod - 4) >> 16) & 65535 when a.atttypid = 'int4'::regtype then 32
    when a.atttypid = 'int8'::regtype then 64 when a.atttypid = 'int2'::regtype then 16 end as numeric_precision,
  case when a.atttypid = 'numeric'::regtype then (a.atttypmod - 4) & 65535 when a.atttypid in ('int4'::regtype, 'int8'::regtype, 'int2'::regtype) then 0 end as numeric_scale,
  col_description(c.oid, a.attnum) as remarks, t.sort_key_type, coalesce(array_position(d.sort, a.attname::text), 0) as sort_key,
  case when d.dist = a.attname then 1 else 0 end as dist_key, null::text as encoding
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join redshift.designs d on d.relation = c.oid cross join (select null::text as sort_key_type) t
where c.relkind in ('r', 'v');
create or replace view pg_catalog.svv_redshift_columns as
select database_name, schema_name, table_name, column_name, ordinal_position,
  data_type || case when data_type in ('character varying', 'character') then '(' || character_maximum_length || ')'
    when data_type = 'numeric' then '(' || numeric_precision || ',' || numeric_scale || ')' else '' end as data_type,
  column_default, is_nullable, encoding, dist_key = 1 as distkey, sort_key as sortkey, ''::text as column_acl, remarks
from redshift.show_columns;
create or replace view redshift.show_schemas as
select current_database()::text as database_name, nspname::text as schema_name, nspowner as schema_owner, 'local'::text as schema_type
from pg_namespace where nspname not in ('redshift', 'pg_toast');
create or replace view redshift.show_grants as
select current_database()::text as database_name, n.nspname::text as schema_name, c.relname::text as object_name, 'TABLE'::text as object_type,
  r.privilege_type, coalesce((select rolname from pg_roles where oid = r.grantee), 'public')::text as identity_name,
  case when r.grantee = 0 then 'public' when not (select rolcanlogin from pg_roles where oid = r.grantee) then 'role' else 'user' end as identity_type,
  r.is_grantable as admin_option
from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) r;
create or replace view pg_catalog.svv_relation_privileges as
select schema_name as namespace_name, object_name as relation_name, lower(privilege_type) as privilege_type, 0 as identity_id,
  identity_name, case when identity_type = 'role' and exists (select 1 from pg_group where groname = identity_name) then 'group' else identity_type end as identity_type,
  admin_option from redshift.show_grants;
create or replace view pg_catalog.sys_query_detail as
select 0 as user_id, 0::bigint as query_id, c.oid::int as table_id, 'insert'::text as step_name, now()::timestamp as start_time,
  now()::timestamp as end_time, 0::bigint as output_rows
from pg_class c where c.relkind = 'r';
create or replace view pg_catalog.stv_db_isolation_level as
select datname::char(128) as db_name, 'Snapshot Isolation'::char(20) as isolation_level from pg_database;
create or replace view pg_catalog.stv_recents as select pid, query from pg_stat_activity;
grant select on all tables in schema redshift to public;
