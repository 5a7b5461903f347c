select is_gift, channel from raw.lines
