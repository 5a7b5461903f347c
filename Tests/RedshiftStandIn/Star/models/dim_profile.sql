{{ config(materialized='mini_dimension') }}
select id, name, city, born, grade, (id % 2 = 0) as flag, at from {{ source('raw','people') }}
