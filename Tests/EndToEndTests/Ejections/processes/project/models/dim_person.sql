select person_id, name, grade, changed_at from {{ ref('raw_people') }}
