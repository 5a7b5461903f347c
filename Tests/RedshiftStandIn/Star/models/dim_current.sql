{{ config(materialized='dimension', natural_key='id', scd_type=1, current_view=true) }}
select id, name, grade, city, born from {{ source('raw','people') }}
