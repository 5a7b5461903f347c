{{ config(materialized='incremental', incremental_strategy='merge', unique_key='order_id', merge_exclude_columns=['first_seen'],
  on_schema_change='sync_all_columns') }}
select order_id, status, {% if is_incremental() %} 'second' {% else %} 'first' {% endif %}::varchar(10) as first_seen,
  {% if is_incremental() %} cast(amount as numeric(12,2)) as paid {% else %} amount {% endif %} from {{ ref('stg_orders') }}
