-- model.shop.orders

-- each statement for itself
-- hook
set statement_timeout = 0;

-- one transaction
begin;
-- lock
select pg_advisory_xact_lock(hashtextextended('whc relation marts.orders', 0));
-- hook
select 'before; it';
-- main, counts the rows
insert into "shop"."marts"."orders" ("order_id", "amount")
  (
    select "order_id", "amount"
    from (
select order_id, amount from "shop"."staging"."stg_orders"
    ) as dbt_internal_source
  );
-- gate: the node's tests run here, against marts.orders
-- grant
do $whc$
declare given record;
begin
  for given in
    select privilege_type, grantee from information_schema.role_table_grants
    where grantor = current_role and grantee <> current_role
      and table_name = 'orders'
      and table_schema = 'marts'
      and (lower(privilege_type), lower(grantee)) not in (('select', 'reporter'))
  loop
    execute format('revoke %s on %s from %s', given.privilege_type,
      '"shop"."marts"."orders"',
      case given.grantee when 'PUBLIC' then 'public' else quote_ident(given.grantee) end);
  end loop;
end
$whc$;
-- grant
grant select on "shop"."marts"."orders" to reporter;
-- comment
comment on table "shop"."marts"."orders" is 'Orders';
-- comment
comment on column "shop"."marts"."orders"."amount" is 'It''s in euro';
-- hook
insert into audit.log values ('orders');
commit;

-- each statement for itself
-- hook
vacuum "shop"."marts"."orders";
