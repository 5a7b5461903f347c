{{ config(materialized="date_dimension", start="2020-01-01", end="2030-12-31") }} select 1
