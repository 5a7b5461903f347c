select * from raw.sellers
