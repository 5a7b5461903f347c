with paid as (
  select id, amount from {{ ref('orders') }} where status = 'paid'
)
select id, amonut from paid
