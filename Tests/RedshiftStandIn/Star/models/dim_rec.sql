{{ config(materialized='dimension', natural_key='id', effective_at='at', deletes='new_record', scd_type=7, bitemporal=true) }}
select id, name, grade, city, born, at from {{ source('raw','people') }}
