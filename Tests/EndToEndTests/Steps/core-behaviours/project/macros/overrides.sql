{% macro refresh_materialized_view(relation) %}
  {%- do log('refreshing ' ~ relation.identifier, info=true) -%}
  refresh materialized view {{ relation }}
{% endmacro %}

{% macro run_hooks(hooks, inside_transaction=True) %}
  {%- if hooks -%}{%- do log(hooks | length ~ ' hooks of ' ~ this.identifier ~ ', inside: ' ~ inside_transaction, info=true) -%}{%- endif -%}
  {%- do return(dbt.run_hooks(hooks, inside_transaction)) -%}
{% endmacro %}

{% macro catalogue() %}
  {%- set information = api.Relation.create(database=target.database, schema=target.schema).information_schema() -%}
  {%- set whole = get_catalog(information, [target.schema]) -%}
  {%- do log(whole.column_names | join(', '), info=true) -%}
  {%- for row in whole -%}{%- do log(row.values()[2:9] | join(' | '), info=true) -%}{%- endfor -%}
  {%- set one = api.Relation.create(schema=target.schema, identifier='child') -%}
  {%- do log(get_catalog_relations(information, [one]) | length, info=true) -%}
  {%- do list_function_relations_without_caching(one) -%}
{% endmacro %}
