extension Prelude {
  /// SQL that is written differently from database to database, by dbt's names for it.
  static let crossDatabase = [
    File(
      "utils/dates.sql",
      dispatching: [
        "dateadd(datepart, interval, from_date_or_timestamp)",
        "datediff(first_date, second_date, datepart)",
        "date_trunc(datepart, date)",
        "date(year, month, day)",
        "last_day(date, datepart)",
        "date_spine(datepart, start_date, end_date)",
        "get_intervals_between(start_date, end_date, datepart)",
        "get_powers_of_two(upper_bound)",
        "generate_series(upper_bound)",
      ],
      #"""
      {% macro default__dateadd(datepart, interval, from_date_or_timestamp) %}

          dateadd(
              {{ datepart }},
              {{ interval }},
              {{ from_date_or_timestamp }}
              )

      {% endmacro %}

      {% macro default__datediff(first_date, second_date, datepart) -%}

          datediff(
              {{ datepart }},
              {{ first_date }},
              {{ second_date }}
              )

      {%- endmacro %}

      {% macro default__date_trunc(datepart, date) -%}
          date_trunc('{{ datepart }}', {{ date }})
      {%- endmacro %}

      {% macro default__date(year, month, day) -%}
          to_date('{{ modules.datetime.date(year, month, day).strftime('%Y-%m-%d') }}', 'YYYY-MM-DD')
      {%- endmacro %}

      {% macro default__last_day(date, datepart) -%}
          {{ dbt.default_last_day(date, datepart) }}
      {%- endmacro %}

      {% macro default_last_day(date, datepart) -%}
        {%- set next_start = dbt.dateadd(datepart, '1', dbt.date_trunc(datepart, date)) -%}
        cast(
              {{ dbt.dateadd('day', '-1', next_start) }}
              as date)
      {%- endmacro %}

      {% macro default__get_intervals_between(start_date, end_date, datepart) -%}
        {%- call statement('get_intervals_between', fetch_result=True) -%}
          select {{ dbt.datediff(start_date, end_date, datepart) }}
        {%- endcall -%}
        {%- set answer = load_result('get_intervals_between') -%}
        {%- do return(answer['data'][0][0] if answer and answer['data'] else 1) -%}
      {%- endmacro %}

      {% macro default__date_spine(datepart, start_date, end_date) %}

      {% set count = dbt.get_intervals_between(start_date, end_date, datepart) %}

          with rawdata as (

              {{ dbt.generate_series(count) }}

          ),

          all_periods as (

              select (
                  {{ dbt.dateadd(datepart, 'row_number() over (order by generated_number) - 1', start_date) }}
              ) as date_{{ datepart }}
              from rawdata

          ),

          filtered as (

              select *
              from all_periods
              where date_{{ datepart }} <= {{ end_date }}

          )

          select * from filtered

      {% endmacro %}

      {% macro default__get_powers_of_two(upper_bound) %}
        {%- if upper_bound <= 0 -%}
          {%- do exceptions.raise_compiler_error('upper bound must be positive') -%}
        {%- endif -%}
        {%- for power in range(1, 100) if 2 ** power >= upper_bound -%}
          {%- do return(power) -%}
        {%- endfor -%}
      {% endmacro %}

      {% macro default__generate_series(upper_bound) %}

          {% set bits = dbt.get_powers_of_two(upper_bound) %}

          with p as (
              select 0 as generated_number union all select 1
          ), unioned as (

          select

          {% for bit in range(bits) -%}
          p{{ bit }}.generated_number * power(2, {{ bit }}) +
          {% endfor -%}
          1 as generated_number

          from

          {% for bit in range(bits) -%}
          p as p{{ bit }}{{ ' cross join' if not loop.last }}
          {% endfor %}
          )

          select *
          from unioned
          where generated_number <= {{ upper_bound }}
          order by generated_number

      {% endmacro %}
      """#),
    File(
      "utils/strings.sql",
      dispatching: [
        "concat(fields)", "escape_single_quotes(expression)", "hash(field)", "length(expression)",
        "listagg(measure, delimiter_text=\"','\", order_by_clause=none, limit_num=none)",
        "position(substring_text, string_text)", "replace(field, old_chars, new_chars)",
        "right(string_text, length_expression)", "split_part(string_text, delimiter_text, part_number)",
        "string_literal(value)",
      ],
      #"""
      {% macro default__concat(fields) -%}
          {{ fields | join(' || ') }}
      {%- endmacro %}

      {% macro default__escape_single_quotes(expression) -%}
      {{ expression | replace("'", "''") }}
      {%- endmacro %}

      {% macro default__hash(field) -%}
          md5(cast({{ field }} as {{ api.Column.translate_type('string') }}))
      {%- endmacro %}

      {% macro default__length(expression) %}

          length(
              {{ expression }}
          )

      {%- endmacro %}

      {% macro default__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
        {%- set ordered = ' within group (' ~ order_by_clause ~ ')' if order_by_clause else '' -%}
        {%- if limit_num -%}
          array_to_string(array_slice(array_agg({{ measure }}){{ ordered }}, 0, {{ limit_num }}), {{ delimiter_text }})
        {%- else -%}
          listagg({{ measure }}, {{ delimiter_text }}){{ ordered }}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__position(substring_text, string_text) %}

          position(
              {{ substring_text }} in {{ string_text }}
          )

      {%- endmacro %}

      {% macro default__replace(field, old_chars, new_chars) %}

          replace(
              {{ field }},
              {{ old_chars }},
              {{ new_chars }}
          )

      {% endmacro %}

      {% macro default__right(string_text, length_expression) %}

          right(
              {{ string_text }},
              {{ length_expression }}
          )

      {%- endmacro %}

      {% macro default__split_part(string_text, delimiter_text, part_number) %}

          split_part(
              {{ string_text }},
              {{ delimiter_text }},
              {{ part_number }}
              )

      {% endmacro %}

      {% macro _split_part_negative(string_text, delimiter_text, part_number) %}
        {%- set bare = dbt.replace(string_text, delimiter_text, "''") -%}

          split_part(
              {{ string_text }},
              {{ delimiter_text }},
                length({{ string_text }})
                - length(
                    {{ bare | trim }}
                ) + 2 + {{ part_number }}
              )

      {% endmacro %}

      {% macro default__string_literal(value) -%}
          '{{ value }}'
      {%- endmacro %}
      """#),
    File(
      "utils/types.sql",
      dispatching: [
        "type_string()", "type_timestamp()", "type_float()", "type_numeric()", "type_bigint()", "type_int()",
        "type_boolean()", "cast(field, type)", "safe_cast(field, type)", "cast_bool_to_text(field)",
      ],
      #"""
      {% macro default__type_string() %}{{ return(api.Column.translate_type('string')) }}{% endmacro %}
      {% macro default__type_timestamp() %}{{ return(api.Column.translate_type('timestamp')) }}{% endmacro %}
      {% macro default__type_float() %}{{ return(api.Column.translate_type('float')) }}{% endmacro %}
      {% macro default__type_numeric() %}{{ return(api.Column.numeric_type('numeric', 28, 6)) }}{% endmacro %}
      {% macro default__type_bigint() %}{{ return(api.Column.translate_type('bigint')) }}{% endmacro %}
      {% macro default__type_int() %}{{ return(api.Column.translate_type('integer')) }}{% endmacro %}
      {% macro default__type_boolean() %}{{ return(api.Column.translate_type('boolean')) }}{% endmacro %}

      {% macro default__cast(field, type) %}
          cast({{ field }} as {{ type }})
      {% endmacro %}

      {% macro default__safe_cast(field, type) %}
          {# Few databases know a cast that does not fail. #}
          cast({{ field }} as {{ type }})
      {% endmacro %}

      {% macro default__cast_bool_to_text(field) %}
          cast({{ field }} as {{ api.Column.translate_type('string') }})
      {% endmacro %}
      """#),
    File(
      "utils/sets.sql",
      dispatching: [
        "any_value(expression)", "bool_or(expression)", "except()", "intersect()", "equals(expr1, expr2)",
        "array_append(array, new_element)", "array_concat(array_1, array_2)",
        "array_construct(inputs=[], data_type=api.Column.translate_type('integer'))",
      ],
      #"""
      {% macro default__any_value(expression) -%}

          any_value({{ expression }})

      {%- endmacro %}

      {% macro default__bool_or(expression) -%}

          bool_or({{ expression }})

      {%- endmacro %}

      {% macro default__except() %}

          except

      {% endmacro %}

      {% macro default__intersect() %}

          intersect

      {% endmacro %}

      {% macro default__equals(expr1, expr2) -%}
        {%- if adapter.behavior.enable_truthy_nulls_equals_macro.no_warn -%}
          case when (({{ expr1 }} = {{ expr2 }}) or ({{ expr1 }} is null and {{ expr2 }} is null))
              then 0
              else 1
          end = 0
        {%- else -%}
          ({{ expr1 }} = {{ expr2 }})
        {%- endif -%}
      {%- endmacro %}

      {% macro default__array_append(array, new_element) -%}
          array_append({{ array }}, {{ new_element }})
      {%- endmacro %}

      {% macro default__array_concat(array_1, array_2) -%}
          array_cat({{ array_1 }}, {{ array_2 }})
      {%- endmacro %}

      {% macro default__array_construct(inputs, data_type) -%}
          {{ 'array[ ' ~ (inputs | join(' , ')) ~ ' ]' if inputs else 'array[]::' ~ data_type ~ '[]' }}
      {%- endmacro %}
      """#),
    File(
      "utils/timestamps.sql",
      dispatching: [
        "current_timestamp()", "snapshot_get_time()", "snapshot_string_as_time(timestamp)",
        "current_timestamp_backcompat()", "current_timestamp_in_utc_backcompat()",
        "get_snapshot_get_time_data_type()",
      ],
      #"""
      {% macro default__current_timestamp() -%}
        {%- do exceptions.raise_not_implemented('current_timestamp is not written for ' ~ adapter.type()) -%}
      {%- endmacro %}

      {% macro default__snapshot_get_time() -%}
        {{ current_timestamp() }}
      {%- endmacro %}

      {% macro default__snapshot_string_as_time(timestamp) -%}
        {%- do exceptions.raise_not_implemented('snapshot_string_as_time is not written for ' ~ adapter.type()) -%}
      {%- endmacro %}

      {% macro default__current_timestamp_backcompat() -%}
        current_timestamp::timestamp
      {%- endmacro %}

      {% macro default__current_timestamp_in_utc_backcompat() -%}
        {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
      {%- endmacro %}

      {% macro current_timestamp_in_utc() -%}
        {{ return(adapter.dispatch('current_timestamp_in_utc_backcompat', 'dbt')()) }}
      {%- endmacro %}

      {% macro default__get_snapshot_get_time_data_type() %}
        {%- set found = get_column_schema_from_query('select ' ~ snapshot_get_time() ~ ' as dbt_snapshot_time') -%}
        {%- do return(found[0].dtype if found else none) -%}
      {% endmacro %}
      """#),
  ]
}
