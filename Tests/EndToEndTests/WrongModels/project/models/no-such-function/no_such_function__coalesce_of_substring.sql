select substring(id, 1, 2) as s from {{ ref('customers') }}
