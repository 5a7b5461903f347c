select * from {{ ref('piped') }}
