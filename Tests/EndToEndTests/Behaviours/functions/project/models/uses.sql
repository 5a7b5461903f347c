select {{ function('double_it') }}(n) as twice, {{ function('udf', 'uses_double') }}(n) as more from {{ ref('base') }}
