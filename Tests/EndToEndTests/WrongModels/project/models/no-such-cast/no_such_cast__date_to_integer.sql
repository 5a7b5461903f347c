select ordered_on::integer as n from {{ ref('orders') }}
