{{ config(materialized='time_dimension', grain='15 minutes', languages=['de']) }}
-- whc writes it
