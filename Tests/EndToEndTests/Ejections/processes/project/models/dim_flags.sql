select true as is_gift, 'web' as channel
