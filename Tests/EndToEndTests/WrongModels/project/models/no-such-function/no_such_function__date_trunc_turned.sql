select date_trunc(created_at, 'month') as m from {{ ref('customers') }}
