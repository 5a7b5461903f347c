select city, country, valid from {{ ref('raw_cities') }}
