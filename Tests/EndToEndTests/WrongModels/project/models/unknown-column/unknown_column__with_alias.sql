select c.id, c.regoin from {{ ref('customers') }} c
