{{ config(materialized='dimension', natural_key='id', effective_at='at', deletes='invalidate') }}
select id, name, grade, city, born, at from {{ source('raw','people') }}
