{{ config(materialized='table') }} select array[1,2] as xs, '{}'::jsonb as js, now() as ts, 1::numeric(10,2) as n
