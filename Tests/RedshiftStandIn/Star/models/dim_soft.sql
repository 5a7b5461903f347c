{{ config(materialized='dimension', natural_key='id', effective_at='at', deletes='soft', surrogate_key={'name':'soft_key','method':'hash'}, first_version_from='always', valid_to_current='9999-12-31') }}
select id, name, grade, city, born, at from {{ source('raw','people') }}
