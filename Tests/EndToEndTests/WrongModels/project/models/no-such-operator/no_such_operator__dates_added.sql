select ordered_on + ordered_on as twice from {{ ref('orders') }}
