select id, nmae from {{ ref('people') }}
