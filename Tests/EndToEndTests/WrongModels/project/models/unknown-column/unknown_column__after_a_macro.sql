{% set names = ['id', 'regiom'] %}
select {{ names | join(', ') }}
from {{ ref('customers') }}
