{% macro op(what) %}
  {% if var('fails', true) %}{% do run_query('select nope') %}{% endif %}
  {{ log('did ' ~ what, info=True) }}
{% endmacro %}
