select id, name, region from {{ ref('customers') }}
