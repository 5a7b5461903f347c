select id, name from {{ ref('things') }}
