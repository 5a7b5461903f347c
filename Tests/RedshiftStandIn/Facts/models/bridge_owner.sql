select account, customer as customer_id, share, since, until from {{ ref('owners') }}
