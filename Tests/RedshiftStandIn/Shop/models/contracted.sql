{{ config(materialized='table', dist='even', backup=false) }}
select order_id, customer_id, cast(status as varchar(20)) as status from {{ ref('stg_orders') }}
