select sk_no as shop_no, street, manager from raw.shops
