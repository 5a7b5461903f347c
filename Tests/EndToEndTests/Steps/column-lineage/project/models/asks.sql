select {{ run_query('select 1').columns[0].values()[0] }} as one
