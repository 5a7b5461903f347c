{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at',
          batch_size='month', begin='2024-01-15') }}
select id, at, amount, '{{ model.batch.id if model.batch }}' as batch from {{ ref('through') }}
