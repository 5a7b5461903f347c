{{ config(materialized='incremental') }}
select id from {{ source('raw', 'rows') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
