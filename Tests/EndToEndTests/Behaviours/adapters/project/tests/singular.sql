{{ config(store_failures=true, limit=1, fail_calc='sum(id)', error_if='>2', warn_if='>1') }} select * from {{ ref('people') }}
