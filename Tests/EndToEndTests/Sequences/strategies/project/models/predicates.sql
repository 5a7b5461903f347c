{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['id', 'name'],
          incremental_predicates=["id < 3"]) }}
select id, name, amount from {{ source('raw', 'rows') }}
