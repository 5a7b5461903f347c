with recursive n (i, unread) as (select 1, 2 union all select i + 1, 2 from n where i < 9) select i from n
