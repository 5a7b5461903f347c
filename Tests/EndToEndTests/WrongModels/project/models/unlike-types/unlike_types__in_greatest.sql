select greatest(amount, ordered_on) as g from {{ ref('orders') }}
