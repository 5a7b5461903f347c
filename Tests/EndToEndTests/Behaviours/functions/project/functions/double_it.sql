select price * 2
