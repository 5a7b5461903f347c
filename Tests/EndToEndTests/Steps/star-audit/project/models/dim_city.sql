select * from raw.cities
