{{ config(materialized='ephemeral') }} select coalesce(sample_num, 0) + 10 as col_deci from {{ ref('sample_model') }}
