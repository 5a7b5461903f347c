select created_at::numeric as n from {{ ref('customers') }}
