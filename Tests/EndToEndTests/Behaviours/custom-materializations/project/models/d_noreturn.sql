{{ config(materialized='noreturn') }} select 1 as id
