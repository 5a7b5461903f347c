-- The first region counts, the latest name; of the plan both are wanted.
with changes as (select * from {{ ref('stg_changes') }})
select * from changes
