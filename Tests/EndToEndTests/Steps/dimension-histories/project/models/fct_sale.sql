select * from raw.sales
