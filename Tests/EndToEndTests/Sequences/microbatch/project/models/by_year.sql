{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at',
          batch_size='year', begin='2023-05-05T10:00:00') }}
select id, at, amount, '{{ model.batch.id if model.batch }}' as batch from {{ ref('input') }}
