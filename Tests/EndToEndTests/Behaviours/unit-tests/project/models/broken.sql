select id from {{ ref('stg2') }}
