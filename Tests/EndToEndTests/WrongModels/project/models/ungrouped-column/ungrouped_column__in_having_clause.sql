select region from {{ ref('customers') }} group by region having name > 'A'
