{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['order_id', 'customer_id'],
  incremental_predicates=['order_id > 0'], on_schema_change='append_new_columns') }}
select order_id, customer_id, amount {% if is_incremental() %}, amount * 2 as doubled {% endif %} from {{ ref('stg_orders') }}
{% if is_incremental() %} where order_id > 2 {% endif %}
