{{ config(materialized='table') }} select 'x' as id, 1.5 as n
