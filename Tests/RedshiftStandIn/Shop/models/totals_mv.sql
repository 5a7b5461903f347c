{{ config(materialized='materialized_view', dist='status', sort=['status'], auto_refresh=true, backup=false) }}
select status, sum(amount) as amount from {{ ref('orders') }} group by status
