select
  c.customerid,
  p.businessentityid,
  case when p.businessentityid is not null
    then concat(p.firstname, ' ', p.middlename, ' ', p.lastname) end as fullname,
  s.businessentityid as storebusinessentityid,
  s.storename
from {{ ref('customer') }} c
left join {{ ref('person') }} p on p.businessentityid = c.personid
left join {{ ref('store') }} s on s.businessentityid = c.storeid
