{{ keep('first') }}
select 1 as id
