with e as (select * from {{ source('raw', 'events') }}) select e.*, e.id + 1 as next from e
