select cast(id > 1 as date) as d from {{ ref('customers') }}
