{{ config(materialized='dimension', natural_key=['country','id'], input='changes', effective_at='at', operation='op', scd_type=1) }}
select country, id, name, amount, flag, at, op from {{ source('raw','moves') }}
