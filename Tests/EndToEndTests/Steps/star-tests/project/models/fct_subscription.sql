select * from raw.subscriptions
