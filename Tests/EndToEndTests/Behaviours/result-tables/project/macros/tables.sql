{% macro tables() %}
  {% set t = run_query("select 1 as id, 'ann' as name, 'x' as grp, 1.50::numeric as amt, date '2024-01-01' as day union all select 2, 'b, \"b', 'y', 2.25, '2024-01-02' union all select 3, null, 'x', null, null union all select 4, 'a name that is longer than others', 'y', 10, '2024-03-01' union all select 5, 'eve', null, -1, '2023-01-01' order by 1") %}
  {% set u = run_query("select 1 as id, 'p' as extra union all select 3, 'q' union all select 3, 's' union all select 9, 'r' order by 1") %}
  {% do print(t.column_names) %}
  {% do print(t.rows[-1].values()) %}
  {% do print(t.rows[0]['name'] ~ t.rows[0].name ~ t.rows[0].get('zz', 'd')) %}
  {% do print(t.rows[1:3] | length) %}
  {% do print(t.rows[0].items()) %}
  {% do print(t.columns['name'].values_without_nulls()) %}
  {% do print(t.columns['id'].values_sorted()) %}
  {% do print(t.select(['name', 'id']).column_names) %}
  {% do print(t.exclude('name').column_names) %}
  {% do print(t.rename({'id': 'ID'}).column_names) %}
  {% do print(t.limit(1, 3).columns[0].values()) %}
  {% do print(t.limit(0, 4, 2).columns[0].values()) %}
  {% do print(t.order_by('amt').columns['id'].values()) %}
  {% do print(t.order_by(['grp', 'amt'], reverse=true).columns['id'].values()) %}
  {% do print(t.distinct('grp').columns['id'].values()) %}
  {% do print(t.group_by('grp').keys()) %}
  {% do print(t.group_by('grp').key_name) %}
  {% do print(t.group_by('grp', key_name='kk').key_name) %}
  {% do print(t.group_by('grp').merge().column_names) %}
  {% do print(t.group_by('grp').merge().rows[2].values()) %}
  {% do print(t.group_by('grp').limit(1).values() | length) %}
  {% do print(t.pivot('grp').column_names) %}
  {% do print(t.pivot('grp').rows[0].values()) %}
  {% do print(t.pivot(['grp', 'name']).rows | length) %}
  {% do print(t.join(u, 'id').column_names) %}
  {% do print(t.join(u, 'id').rows[2].values()) %}
  {% do print(t.join(u, 'id').rows | length) %}
  {% do print(t.join(u, 'id', 'id', inner=true).rows | length) %}
  {% do print(t.join(u, 'id', full_outer=true).column_names) %}
  {% do print(t.join(u, 'id', full_outer=true).rows[-1].values()) %}
  {% do print(t.merge([t, u]).column_names) %}
  {% do print(t.merge([t, u]).rows[-1].values()) %}
  {% do print(t.normalize('id', ['grp', 'name']).column_names) %}
  {% do print(t.normalize('id', ['grp', 'name']).rows[1].values()) %}
  {% do print(t.rows | map(attribute='name') | list) %}
  {% do print(t.rows | selectattr('grp', 'equalto', 'x') | list | length) %}
  {% do t.print_csv() %}
  {% do t.print_table() %}
  {% do t.print_table(max_rows=2, max_columns=2) %}
  {% do t.print_structure() %}
  {% do t.print_json() %}
{% endmacro %}
