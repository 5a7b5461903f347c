select e.id, r.name from {{ ref('eph') }} e join {{ source('rawsrc','raw') }} r on r.id = e.id
