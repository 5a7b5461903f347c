{{ config(materialized='dimension', natural_key='id') }}
select id, name, grade, city, born from {{ source('raw','people') }}
