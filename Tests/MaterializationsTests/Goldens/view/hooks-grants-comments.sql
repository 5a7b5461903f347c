-- model.shop.orders
-- warning: model 'orders' describes 'gone', but the view has no such column

-- each statement for itself
-- hook
set statement_timeout = 0;

-- one transaction
begin;
-- hook
select 'before; it';
-- prepare
set local work_mem = '64MB';
-- main
create or replace view "shop"."marts"."orders"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- grant
do $whc$
declare given record;
begin
  for given in
    select privilege_type, grantee from information_schema.role_table_grants
    where grantor = current_role and grantee <> current_role
      and table_name = 'orders'
      and table_schema = 'marts'
      and (lower(privilege_type), lower(grantee)) not in (('select', 'reporter'), ('select', 'analyst'))
  loop
    execute format('revoke %s on %s from %s', given.privilege_type,
      '"shop"."marts"."orders"',
      case given.grantee when 'PUBLIC' then 'public' else quote_ident(given.grantee) end);
  end loop;
end
$whc$;
-- grant
grant select on "shop"."marts"."orders" to reporter, analyst;
-- comment
comment on view "shop"."marts"."orders" is 'What people''s orders came to';
-- comment
comment on column "shop"."marts"."orders"."order_id" is 'The shop''s number';
-- hook
insert into audit.log values ('orders');
commit;

-- otherwise, when the server answers 42P16:
begin;
-- hook
select 'before; it';
-- prepare
set local work_mem = '64MB';
-- main
create view "shop"."marts"."orders__dbt_tmp"
  as (
select order_id, amount from "shop"."staging"."stg_orders"
  );
-- drop
drop view if exists "shop"."marts"."orders";
-- swap
alter view "shop"."marts"."orders__dbt_tmp" rename to "orders";
-- grant
grant select on "shop"."marts"."orders" to reporter, analyst;
-- comment
comment on view "shop"."marts"."orders" is 'What people''s orders came to';
-- comment
comment on column "shop"."marts"."orders"."order_id" is 'The shop''s number';
-- hook
insert into audit.log values ('orders');
commit;

-- each statement for itself
-- hook
vacuum "shop"."marts"."orders";
