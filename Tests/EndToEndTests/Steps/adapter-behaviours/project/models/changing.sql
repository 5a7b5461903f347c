{{ config(materialized=var('materialized', 'view')) }}
select '{{ var("materialized", "view") }}' as kind
{% if is_incremental() %} where 'abc' <> (select max(kind) from {{ this }}) {% endif %}
