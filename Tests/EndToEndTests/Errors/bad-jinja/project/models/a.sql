select
  {% if true %} 1
  {% endfor %}
  as id
