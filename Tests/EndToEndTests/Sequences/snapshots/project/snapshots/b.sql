{% snapshot s_ts %}
{{ config(strategy='timestamp', unique_key='id', updated_at='updated_at') }}
select * from {{ source('raw','t') }}
{% endsnapshot %}
{% snapshot s_ts_inv %}
{{ config(strategy='timestamp', unique_key='id', updated_at='updated_at', invalidate_hard_deletes=True, target_schema='tgt') }}
select * from {{ source('raw','t') }} -- comment at the end
{% endsnapshot %}
{% snapshot s_ck %}
{{ config(strategy='check', unique_key='id', check_cols=['name']) }}
select id, name, city, updated_at from {{ ref('eph') }}
{% endsnapshot %}
{% snapshot s_ck_all %}
{{ config(strategy='check', unique_key="id || '-' || city", check_cols='all', indexes=[{'columns':['id']}], post_hook="insert into {{ this.schema }}.log values ('x')", pre_hook="create table if not exists {{ this.schema }}.log (a text)") }}
select * from {{ source('raw','t') }}
{% endsnapshot %}
{% snapshot s_custom %}
{{ config(strategy='mine', unique_key='id', updated_at='updated_at') }}
select * from {{ source('raw','t') }}
{% endsnapshot %}
