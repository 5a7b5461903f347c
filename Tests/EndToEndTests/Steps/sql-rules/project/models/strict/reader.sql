select * from {{ ref('misspelled') }}
