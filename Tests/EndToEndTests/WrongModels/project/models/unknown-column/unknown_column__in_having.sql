select region from {{ ref('customers') }} group by region having max(created) > '2025-01-01'
