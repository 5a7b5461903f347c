{{ config(materialized='materialized_view', indexes=[{'columns': ['id']}]) }} select id, count(*) as n from {{ ref('deps') }} group by 1
