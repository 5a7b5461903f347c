select distinct tags::json as t from {{ ref('customers') }}
