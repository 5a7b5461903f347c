{{ config(materialized='table', pre_hook="set statement_timeout = 1000") }}
select 1 as id, pg_sleep(60)::text as waited
