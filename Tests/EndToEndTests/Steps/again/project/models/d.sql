{{ config(materialized='incremental') }} select * from {{ ref('c') }}
