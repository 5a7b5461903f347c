{{ config(materialized='fact', grain='visit', event_time='came', dimensions=[{'to':'dim_infer','key':'id','missing':'infer'},{'to':'dim_scd','key':'id'},{'to':'dim_quarter','key':'came'}], measures=['amount']) }}
select visit, id, came, amount from {{ source('raw','visits') }}
