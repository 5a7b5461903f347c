{{ config(materialized='table', dist='all', sort='id') }}
select customer_id as id, cast(name as varchar(40)) as name from {{ ref('late_customers') }}
