select x.* from {{ ref('customers') }} c
