{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at',
          batch_size='day', begin='2024-01-01', pre_hook="create table if not exists {{ this.schema }}.log (what text)",
          post_hook="insert into {{ this.schema }}.log select 'by_day ' || count(*) from {{ this }}") }}
select id, at, amount, '{{ is_incremental() }}' as was_incremental,
  (select count(*) from {{ ref('input').render() }}) as all_rows
  {%- if model.batch %},
  '{{ model.batch.id }}' as batch, '{{ model.batch.event_time_start }}' as batch_from,
  '{{ model.batch.event_time_end.isoformat() }}' as batch_to
  {%- endif %}
from {{ ref('input') }}
