select * from raw.clients
