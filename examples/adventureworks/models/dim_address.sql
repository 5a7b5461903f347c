select
  a.addressid,
  a.city as city_name,
  s.name as state_name,
  c.name as country_name
from {{ ref('address') }} a
left join {{ ref('stateprovince') }} s on s.stateprovinceid = a.stateprovinceid
left join {{ ref('countryregion') }} c on c.countryregioncode = s.countryregioncode
