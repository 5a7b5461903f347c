select array[id, name] as a from {{ ref('customers') }}
