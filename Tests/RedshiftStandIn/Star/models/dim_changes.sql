{{ config(materialized='dimension', natural_key=['country','id'], input='changes', effective_at='at', operation='op', deletes='new_record', collapse=true, surrogate_key={'name':'changes_key','method':'hash'}) }}
select country, id, name, amount, flag, at, op from {{ source('raw','moves') }}
