select id, row_number() over (partition by custmer_id order by id) as nr from {{ ref('orders') }}
