{{ config(materialized='ephemeral') }} select * from {{ source('raw','t') }}
