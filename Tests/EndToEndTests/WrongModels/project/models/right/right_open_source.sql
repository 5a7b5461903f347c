select e.id, e.whatever, count(*) as n from {{ source('raw', 'events') }} e group by 1, 2
