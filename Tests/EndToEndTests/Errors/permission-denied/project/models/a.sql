{{ config(materialized='table') }}
select * from private.secrets
