{{ config(materialized='incremental', incremental_strategy='insert_only', unique_key='id', on_schema_change='append_new_columns') }}
select * from {{ source('raw', 'rows') }}
