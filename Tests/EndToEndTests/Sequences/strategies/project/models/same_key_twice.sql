{{ config(materialized='incremental', unique_key=['id', 'id']) }}
select id, name from {{ source('raw', 'rows') }}
