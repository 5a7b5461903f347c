{{ config(materialized='incremental', unique_key='nothing') }}
select id, name from {{ source('raw', 'rows') }}
