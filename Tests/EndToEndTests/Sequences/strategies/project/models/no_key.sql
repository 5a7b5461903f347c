{{ config(materialized='incremental', unique_key='') }}
select id, name from {{ source('raw', 'rows') }}
