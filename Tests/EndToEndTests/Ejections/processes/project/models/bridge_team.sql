select distinct person_id, manager_id from {{ ref('raw_people') }}
