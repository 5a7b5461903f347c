{{ config(materialized='table') }} select day, title from {{ source('raw','days') }}
