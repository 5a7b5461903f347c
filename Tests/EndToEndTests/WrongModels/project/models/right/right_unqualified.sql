select relname from pg_class
