{{ config(materialized='mainless') }} select 1 as id
