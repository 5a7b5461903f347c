{{ config(materialized='ephemeral') }}
select 1 as id {{ exceptions.raise_compiler_error('no good') if execute and var('bad', false) }}
