with s as (select * from {{ ref('stg2') }})
select id, upper(name) as name, amount * {{ var('factor') }} as amount, day, ok, '{{ env_var('UTX', 'dflt') }}' as env, {{ mac() }} as mac
from s
