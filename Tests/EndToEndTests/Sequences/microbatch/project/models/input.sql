select * from {{ source('raw', 'events').render() }}
