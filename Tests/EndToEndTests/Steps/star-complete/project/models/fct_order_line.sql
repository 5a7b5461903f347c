select * from raw.lines
