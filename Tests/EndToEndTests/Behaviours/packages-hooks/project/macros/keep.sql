-- What packages that report on runs do: they keep things in `graph` from the first hook to the last.
{% macro keep_begin() %}
  {% if execute %}
    {% do graph.setdefault('keeper', {}).update({'order': [], 'relations': {}, 'gone': 1}) %}
    create table if not exists {{ target.schema }}.kept (id int, text text);
    truncate {{ target.schema }}.kept
  {% endif %}
{% endmacro %}

{% macro keep(name) %}
  {% if execute %}
    {% do graph['keeper']['order'].append(name) %}
    {% do graph['keeper']['relations'].update({name: this}) %}
    {% do graph['keeper'].pop('gone', none) %}
  {% endif %}
{% endmacro %}

{% macro keep_end() %}
  {% if execute %}
    {% set lines = [] %}
    {% do lines.append('keeps ' ~ graph['keeper'].keys() | list | sort | join(' ')) %}
    {% for name in graph['keeper']['order'] | sort %}
      {% do lines.append(name ~ ' is ' ~ graph['keeper']['relations'][name].identifier) %}
    {% endfor %}
    {% for result in results | sort(attribute='node.unique_id') %}
      {% set entry = result.node.to_dict() %}
      {% do lines.append(
        entry['unique_id'] ~ ' ' ~ result.status ~ ' ' ~ result.node.config.no_such_key
        ~ ' ' ~ result.node.config.get('enabled') ~ ' ' ~ entry['name'] ~ ' ' ~ result.node.resource_type) %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'operation') %}
      {% do lines.append(
        node.name ~ ' time_spine ' ~ node.time_spine ~ ' deprecation_date ' ~ node.deprecation_date
        ~ ' index ' ~ node.index ~ ' file_key_name ' ~ node.file_key_name) %}
    {% endfor %}
    {% do lines.append('described: ' ~ graph.nodes['model.shop.days'].description ~ '.') %}
    insert into {{ target.schema }}.kept values
    {% for line in lines -%}
      ({{ loop.index }}, $${{ line }}$$){{ ',' if not loop.last }}
    {%- endfor %}
  {% endif %}
{% endmacro %}
