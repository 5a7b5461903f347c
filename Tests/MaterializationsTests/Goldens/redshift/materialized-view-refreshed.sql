-- model.shop.orders

-- each statement for itself; may be sent again
-- main
refresh materialized view "shop"."marts"."orders";
