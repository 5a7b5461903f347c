{{ keep('second') }}
select id from {{ ref('a') }}
