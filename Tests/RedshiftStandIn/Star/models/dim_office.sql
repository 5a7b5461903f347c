{{ config(materialized='dimension', natural_key='city', input='changes', effective_at='since') }}
select city, manager, since from {{ source('raw','offices') }}
