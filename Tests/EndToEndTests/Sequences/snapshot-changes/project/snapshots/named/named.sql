{% snapshot named %}
{{ config(schema='history') }}
select * from {{ source('raw', 'rows') }}
{% endsnapshot %}
