{% snapshot snap_customers_time %}
{{ config(unique_key='id', strategy='timestamp', updated_at='updated_at') }}
select id, name, city, updated_at from {{ ref('customers') }}
{% endsnapshot %}

{% snapshot snap_customers_check %}
{{ config(unique_key='id', strategy='check', check_cols=['name', 'city'], hard_deletes='invalidate') }}
select id, name, city from {{ ref('customers') }}
{% endsnapshot %}
