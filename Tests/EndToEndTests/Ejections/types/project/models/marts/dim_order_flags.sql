{{ config(materialized='junk_dimension', flags=['is_gift', 'channel']) }}
select is_gift, channel from {{ ref('raw_orders') }}
