select customers.id, ord.amount from {{ ref('customers') }} customers join {{ ref('orders') }} orders on orders.customer_id = customers.id
