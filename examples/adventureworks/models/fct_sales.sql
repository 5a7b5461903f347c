select
  line.salesorderid,
  line.salesorderdetailid,
  line.productid,
  header.customerid,
  header.creditcardid,
  header.shiptoaddressid,
  header.status as order_status,
  header.orderdate,
  line.unitprice,
  line.orderqty,
  line.unitprice * line.orderqty as revenue
from {{ ref('salesorderdetail') }} line
join {{ ref('salesorderheader') }} header on header.salesorderid = line.salesorderid
