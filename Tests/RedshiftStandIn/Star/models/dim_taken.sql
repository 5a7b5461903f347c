{{ config(materialized='dimension', natural_key='id', effective_at='at', take_over={'from':'source("raw","older")','columns':{'surrogate_key':'sk','valid_from':'f','valid_to':'t'},'duplicates':'drop','overlaps':'cut','gaps':'keep'}) }}
select id, name, grade, at from {{ source('raw','people') }}
