{% call set_sql_header(config) %} set local timezone to '{{ var("timezone", "UTC") }}'; {% endcall %}
select current_setting('timezone') as zone
