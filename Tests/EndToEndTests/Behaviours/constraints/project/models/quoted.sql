{{ config(materialized='table') }} select 'blue' as "from", 1 as id
