select * from {{ ref('eph2') }} where id < 0
