{{ config(materialized='incremental', unique_key=[], incremental_strategy='delete+insert') }}
select id, name from {{ source('raw', 'rows') }}
