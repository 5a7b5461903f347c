-- What a tool that captures changes wrote: codes, milliseconds, positions in the log, deletions with the key alone.
create schema lake;
create table lake.customers_cdc (
  __op text, __ts_ms bigint, __lsn bigint, id int, name text, city text);
create table lake.payments_cdc (
  op text, changed_at timestamptz, lsn bigint, payment_id int, customer_id int, method text, amount numeric(10,2),
  paid_on date);
create table lake.devices_changes ("Operation" text, seq bigint, ts timestamptz, "DeviceID" text, "Model" text);

insert into lake.customers_cdc
select case when v = 1 then 'c' when v = 3 and g % 4 = 0 then 'd' else 'u' end,
  1735689600000 + g * 1000 + (v - 1) * 86400000, g * 10 + v, g,
  case when v = 3 and g % 4 = 0 then null else 'customer ' || g end,
  case when v = 3 and g % 4 = 0 then null else (array['Kiel', 'Ulm', 'Bonn'])[1 + (g + v) % 3] end
from generate_series(1, 25) g, generate_series(1, 3) v;
-- Twice within a millisecond: the position says which is later.
insert into lake.customers_cdc
select 'u', 1735689600000 + g * 1000 + 86400000, g * 10 + 5, g, 'customer ' || g, 'Graz' from generate_series(1, 5) g;
insert into lake.payments_cdc
select case when v = 1 then 'I' when g % 10 = 0 then 'D' else 'U' end,
  timestamptz '2025-01-05 UTC' + g * interval '1 hour' + v * interval '1 day', g * 4 + v, g,
  case when v = 2 and g % 10 = 0 then null else 1 + g % 25 end, case when v = 2 and g % 10 = 0 then null else (array['card', 'cash'])[1 + g % 2] end,
  case when v = 2 and g % 10 = 0 then null else g * 1.5 end,
  case when v = 2 and g % 10 = 0 then null else date '2025-01-01' + g / 4 end
from generate_series(1, 80) g, generate_series(1, 2) v;
insert into lake.devices_changes
select case v when 1 then 'insert' else 'update' end, g * 2 + v, timestamptz '2025-01-01 UTC' + g * interval '1 minute' + v * interval '1 hour',
  'D' || g, (array['one', 'two', 'three'])[1 + (g + v) % 3] from generate_series(1, 12) g, generate_series(1, 2) v;
