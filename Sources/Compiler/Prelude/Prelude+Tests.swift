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
        {%- set names = expected_column_names | join(', ') -%}
        {%- set side = adapter.quote('actual_or_expected') -%}
        with dbt_internal_unit_test_actual as (
          select {{ names }}, {{ dbt.string_literal('actual') }} as {{ side }}
          from (
            {{ main_sql }}
          ) _dbt_internal_unit_test_actual
        ),
        dbt_internal_unit_test_expected as (
          select {{ names }}, {{ dbt.string_literal('expected') }} as {{ side }}
          from (
            {{ expected_fixture_sql }}
          ) _dbt_internal_unit_test_expected
        )
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
  ]
}
