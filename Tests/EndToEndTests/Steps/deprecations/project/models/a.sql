select {{ modules.itertools.chain([1], []) | list | first }} as id
