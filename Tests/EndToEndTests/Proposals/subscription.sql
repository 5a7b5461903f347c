-- A subscription: nothing declared, a history with ends, steps of a course, levels by month.
create schema billing;
create table billing.plans (plan_code text, plan_name text, monthly_price numeric(8,2));
create table billing.accounts_history (
  account_no text, city text, plan_code text, valid_from date, valid_to date);
create table billing.subscriptions (
  subscription_id uuid, account_no text, plan_code text, signed_up_at timestamp, activated_at timestamp,
  cancelled_at timestamp, mrr numeric(8,2));
create table billing.account_balances (account_no text, month_start date, balance numeric(12,2));
create table billing.notes (body text);

insert into billing.plans values ('FREE', 'Free', 0), ('PRO', 'Pro', 20), ('TEAM', 'Team', 90);
insert into billing.accounts_history
select 'A' || g, (array['Kiel', 'Ulm', 'Bonn'])[1 + (g + v) % 3], (array['FREE', 'PRO', 'TEAM'])[1 + (g * v) % 3],
  date '2024-01-01' + g + 100 * (v - 1),
  case when v < 3 then date '2024-01-01' + g + 100 * v when g % 5 = 0 then date '2024-12-01' else '9999-12-31' end
from generate_series(1, 30) g, generate_series(1, 3) v;
insert into billing.subscriptions
select md5('s' || g)::uuid, 'A' || (1 + g % 30), (array['FREE', 'PRO', 'TEAM'])[1 + g % 3],
  timestamp '2024-02-01 08:00' + g * interval '17 hours',
  case when g % 6 > 0 then timestamp '2024-02-02 09:00' + g * interval '17 hours' end,
  case when g % 6 > 0 and g % 4 = 0 then timestamp '2024-06-01' + g * interval '17 hours' end,
  (array[0, 20, 90])[1 + g % 3]
from generate_series(1, 120) g;
insert into billing.account_balances
select 'A' || a, date '2024-01-01' + make_interval(months => m), a * 10 - m from generate_series(1, 30) a, generate_series(0, 11) m;
insert into billing.notes values ('one'), ('one'), (null);
