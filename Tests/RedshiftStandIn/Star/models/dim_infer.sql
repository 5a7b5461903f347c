{{ config(materialized='dimension', natural_key='id', effective_at='at') }}
select id, name, grade, at from {{ source('raw','people') }} where id < 9
