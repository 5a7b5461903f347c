-- whc: allow sql-syntax: PostgreSQL 17 reads it
select order_id from {{ ref('orders') }}, json_table('[]', '$[*]' columns (a int path '$.a')) t
