{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}
select id, name, amount from {{ source('raw', 'rows') }}
