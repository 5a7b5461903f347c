{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at',
          batch_size='day', begin='2024-01-01') }}
select id, at, 10 / amount as part from {{ ref('input') }}
