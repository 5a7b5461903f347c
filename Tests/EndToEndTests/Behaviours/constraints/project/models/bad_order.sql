{{ config(materialized='view') }} select 1 as a, 'b' as b
