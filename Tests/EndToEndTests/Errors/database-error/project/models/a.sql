{% set column = 'amuont' %}
select
  id,
  {{ column }} as total
from (values (1, 2)) as t (id, amount)
