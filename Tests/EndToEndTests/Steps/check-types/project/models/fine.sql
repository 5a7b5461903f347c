select
  customer_code, date_trunc('month', ordered_on) as month, sum(amount) as total, bool_or(is_paid) as any_paid,
  string_agg(note, ', ' order by ordered_on) as notes, count(*) filter (where amount > 5) as large,
  row_number() over (partition by customer_code order by sum(amount) desc) as position
from {{ ref('orders') }}
group by 1, 2
having count(*) > 0
-- whc: allow no-such-function: an overload of ours takes it
and max(is_paid)
  and sum(note) is null  -- whc: allow no-such-function
