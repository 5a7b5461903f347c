select id, name, amount::numeric(10,2) as amount, day::date as day, true as ok, array[1,2]::int[] as arr, '{"a": 1}'::jsonb as js from {{ ref('raw') }}
