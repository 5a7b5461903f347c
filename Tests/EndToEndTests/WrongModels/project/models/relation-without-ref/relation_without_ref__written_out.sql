select order_no from shop.right_orders
