{{ config(materialized='ephemeral') }} select * from {{ ref('eph1') }} where id > 1
