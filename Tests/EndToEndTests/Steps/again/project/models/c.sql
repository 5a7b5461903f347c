select * from {{ ref('eph') }} where {{ var('condition', 'true') }}
