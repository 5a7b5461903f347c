select {{ function('double_it') }}(price) + (select min(n) from {{ ref('base') }})
