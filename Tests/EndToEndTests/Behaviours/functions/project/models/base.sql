select 3 as n
