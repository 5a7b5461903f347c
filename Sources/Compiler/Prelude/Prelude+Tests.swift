extension Prelude {
  /// The generic tests and what dbt builds around them. Their text is that of dbt's compiled tests to the space.
  static let tests = [
    File(
      "dbt", "generic_test_sql/builtin.sql",
      #"""
      {% test unique(model, column_name) %}
          {% set found = adapter.dispatch('test_unique', 'dbt') %}
          {{ found(model, column_name) }}
      {% endtest %}

      {% test not_null(model, column_name) %}
          {% set found = adapter.dispatch('test_not_null', 'dbt') %}
          {{ found(model, column_name) }}
      {% endtest %}

      {% test accepted_values(model, column_name, values, quote=True) %}
          {% set found = adapter.dispatch('test_accepted_values', 'dbt') %}
          {{ found(model, column_name, values, quote) }}
      {% endtest %}

      {% test relationships(model, column_name, to, field) %}
          {% set found = adapter.dispatch('test_relationships', 'dbt') %}
          {{ found(model, column_name, to, field) }}
      {% endtest %}

      {% macro default__test_unique(model, column_name) %}

      select
          {{ column_name }} as unique_field,
          count(*) as n_records

      from {{ model }}
      where {{ column_name }} is not null
      group by {{ column_name }}
      having count(*) > 1

      {% endmacro %}

      {% macro default__test_not_null(model, column_name) %}

      {% set shown = '*' if should_store_failures() else column_name %}

      select {{ shown }}
      from {{ model }}
      where {{ column_name }} is null

      {% endmacro %}

      {% macro default__test_accepted_values(model, column_name, values, quote=True) %}

      with all_values as (

          select
              {{ column_name }} as value_field,
              count(*) as n_records

          from {{ model }}
          group by {{ column_name }}

      )

      select *
      from all_values
      where value_field not in (
          {% for value in values -%}
              {{ "'" ~ value ~ "'" if quote else value }}
              {%- if not loop.last -%},{%- endif %}
          {%- endfor %}
      )

      {% endmacro %}

      {% macro default__test_relationships(model, column_name, to, field) %}

      with child as (
          select {{ column_name }} as from_field
          from {{ model }}
          where {{ column_name }} is not null
      ),

      parent as (
          select {{ field }} as to_field
          from {{ to }}
      )

      select
          from_field

      from child
      left join parent
          on child.from_field = parent.to_field

      where parent.to_field is null

      {% endmacro %}
      """#),
    File(
      "materializations/tests.sql",
      dispatching: [
        "get_where_subquery(relation)",
        "get_test_sql(main_sql, fail_calc, warn_if, error_if, limit)",
        "get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names)",
        "get_limit_sql(sql, limit)",
      ],
      #"""
      {% macro default__get_where_subquery(relation) -%}
        {%- set condition = config.get('where', '') -%}
        {%- if condition -%}
          {%- do return('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') dbt_subquery') -%}
        {%- endif -%}
        {%- do return(relation) -%}
      {%- endmacro %}

      {% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
        select
            {{ fail_calc }} as failures,
            {{ fail_calc }} {{ warn_if }} as should_warn,
            {{ fail_calc }} {{ error_if }} as should_error
          from (
            {{ main_sql }}
            {{ 'limit ' ~ limit if limit is not none }}
          ) dbt_internal_test
      {%- endmacro %}

      {% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
      -- Build actual result given inputs
      with dbt_internal_unit_test_actual as (
        select
          {{ expected_column_names | join(',') }}, {{ dbt.string_literal('actual') }} as {{ adapter.quote('actual_or_expected') }}
        from (
          {{ main_sql }}
        ) _dbt_internal_unit_test_actual
      ),
      -- Build expected result
      dbt_internal_unit_test_expected as (
        select
          {{ expected_column_names | join(', ') }}, {{ dbt.string_literal('expected') }} as {{ adapter.quote('actual_or_expected') }}
        from (
          {{ expected_fixture_sql }}
        ) _dbt_internal_unit_test_expected
      )
      -- Union actual and expected results
      select * from dbt_internal_unit_test_actual
      union all
      select * from dbt_internal_unit_test_expected
      {%- endmacro %}

      {% macro get_show_sql(compiled_code, sql_header, limit) -%}
        {%- if sql_header -%}
        {{ sql_header }}
        {%- endif %}
        {{ get_limit_subquery_sql(compiled_code, limit) }}
      {%- endmacro %}

      {% macro get_limit_subquery_sql(sql, limit) -%}
        {{ adapter.dispatch('get_limit_sql', 'dbt')(sql, limit) }}
      {%- endmacro %}

      {% macro default__get_limit_sql(sql, limit) -%}
        {{ sql }}
        {% if limit is not none -%}
        limit {{ limit }}
        {%- endif -%}
      {%- endmacro %}
      """#),
    File(
      "dbt", "unit_test_sql/get_fixture_sql.sql",
      #"""
      {% macro get_fixture_sql(rows, column_name_to_data_types) %}
      -- Fixture for {{ model.name }}
      {% set types, names, empty = {}, {}, {} -%}
      {%- if not column_name_to_data_types -%}
        {%- set column_name_to_data_types = {} -%}
        {%- for column in adapter.get_columns_in_relation(this) -%}
          {%- do column_name_to_data_types.update({column.name: column.data_type}) -%}
        {%- endfor -%}
      {%- endif -%}
      {%- if not column_name_to_data_types -%}
        {%- do exceptions.raise_compiler_error(
          "The columns of " ~ this ~ " are not known for unit test '" ~ model.name ~ "', because the relation does not exist") -%}
      {%- endif -%}
      {%- for name, type in column_name_to_data_types.items() -%}
        {%- do types.update({name | lower: type}) -%}
        {%- do names.update({name | lower: adapter.quote(name)}) -%}
        {%- do empty.update({name | lower: safe_cast('null', type) | trim}) -%}
      {%- endfor -%}
      {%- do validate_fixture_rows(rows, none) -%}
      {%- for row in rows -%}
        {%- set values = empty.copy() -%}
        {%- do values.update(format_row(row, types)) -%}
        {{ _row_of_values(values, names) }}
        {%- if not loop.last %}
      union all
      {%    endif -%}
      {%- else -%}
      {{ _row_of_values(empty, names) }}
          limit 0
      {%- endfor -%}
      {% endmacro %}

      {% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) %}
      {%- for row in rows -%}
        {{ _row_of_values(format_row(row, column_name_to_data_types), column_name_to_quoted) }}
        {%- if not loop.last %}
      union all
      {%    endif -%}
      {%- else -%}
      select * from dbt_internal_unit_test_actual
          limit 0
      {%- endfor -%}
      {% endmacro %}

      {% macro _row_of_values(values, names) -%}
      select
      {%- for name, value in values.items() %} {{ value }} as {{ names[name] }}{{ ',' if not loop.last }}
      {%- endfor -%}
      {%- endmacro %}

      {% macro format_row(row, column_name_to_data_types) -%}
        {%- set formatted = {} -%}
        {%- for name, value in row.items() -%}
          {%- set name = name | lower -%}
          {%- if name not in column_name_to_data_types -%}
            {%- set rows = "the expected rows" if model.resource_type == 'unit_test' else "the rows of '" ~ model.name ~ "'" -%}
            {%- do exceptions.raise_compiler_error(
              "Invalid column name: '" ~ name ~ "' in " ~ rows ~ " of a unit test\nThe columns are: "
              ~ (column_name_to_data_types.keys() | join(', '))) -%}
          {%- endif -%}
          {%- set type = column_name_to_data_types[name] -%}
          {#- A text is never cut to the length of its column. -#}
          {%- if value is string and 'varying' in type -%}
            {%- set type = type.split('(')[0] ~ ('[]' if type.endswith('[]') else '') -%}
          {%- endif -%}
          {%- if value is none -%}
            {%- set value = 'null' -%}
          {%- elif value is not string and (value is mapping or value is sequence) -%}
            {%- set text = tojson(value) -%}
            {%- if type.endswith('[]') -%}{%- set text = '{' ~ text[1:-1] ~ '}' -%}{%- endif -%}
            {%- set value = dbt.string_literal(dbt.escape_single_quotes(text)) -%}
          {%- elif value is string -%}
            {%- set value = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
          {%- endif -%}
          {%- do formatted.update({name: safe_cast(value, type)}) -%}
        {%- endfor -%}
        {%- do return(formatted) -%}
      {%- endmacro %}

      {% macro validate_fixture_rows(rows, row_number) -%}
        {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
      {%- endmacro %}

      {% macro default__validate_fixture_rows(rows, row_number) -%}{%- endmacro %}
      """#),
  ]
}
