{{ config(materialized='audit_dimension') }}
select 1 as nothing
