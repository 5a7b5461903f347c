select id, name::varchar(20) as name, amount from {{ ref('customers') }} join {{ ref('orders') }} using (id)
