-- Every line once, with what its order, its product and its customer say: rows that only one of the two sides has.
with star as (
  select
    f.salesorderid, f.salesorderdetailid, f.orderqty, f.unitprice, f.revenue, p.productid, c.customerid,
    case when f.credit_card_key > 0 then k.cardtype end as cardtype, a.city_name, s.order_status, d.date
  from {{ ref('fct_sales') }} f
  join {{ ref('dim_product') }} p using (product_key)
  join {{ ref('dim_customer') }} c using (customer_key)
  join {{ ref('dim_credit_card') }} k using (credit_card_key)
  join {{ ref('dim_address') }} a on a.address_key = f.ship_address_key
  join {{ ref('dim_order_status') }} s using (order_status_key)
  join {{ ref('dim_date') }} d on d.date_key = f.order_date_key
),
orders as (
  select
    l.salesorderid, l.salesorderdetailid, l.orderqty, l.unitprice, l.unitprice * l.orderqty, l.productid,
    h.customerid, k.cardtype, a.city, h.status, h.orderdate::date
  from {{ ref('salesorderdetail') }} l
  join {{ ref('salesorderheader') }} h using (salesorderid)
  join {{ ref('address') }} a on a.addressid = h.shiptoaddressid
  left join {{ ref('creditcard') }} k using (creditcardid)
)
(select * from star except all select * from orders)
union all
(select * from orders except all select * from star)
