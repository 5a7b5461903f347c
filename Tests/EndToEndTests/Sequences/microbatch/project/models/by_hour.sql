{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at',
          batch_size='hour', begin='2024-01-01 00:00:00', lookback=2) }}
select id, at, amount, '{{ model.batch.id if model.batch }}' as batch from {{ source('raw', 'events') }}
