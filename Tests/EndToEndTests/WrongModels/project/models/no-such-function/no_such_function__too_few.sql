select split_part(name, ' ') as first from {{ ref('customers') }}
