select * from {{ ref('sample_seed') }}
