{{ config(materialized='table') }} select 'blue' as color, 1 as id, cast('2019-01-01' as date) as date_day
-- depends_on: {{ ref('parent') }}
