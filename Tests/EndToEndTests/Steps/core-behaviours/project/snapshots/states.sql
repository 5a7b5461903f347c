{% snapshot states %}
{{ config(unique_key='id', strategy='check', check_cols=['x'], target_schema=target.schema, pre_hook='select 3') }}
select 1 as id, {{ var('x', 1) }} as x
{% endsnapshot %}
