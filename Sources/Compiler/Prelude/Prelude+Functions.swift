extension Prelude {
  /// Making functions of the warehouse.
  static let functions = [
    File(
      "materializations/functions/function.sql",
      dispatching: [
        "function_execute_build_sql(build_sql, existing_relation, target_relation)",
        "scalar_function_sql(target_relation)",
        "scalar_function_create_replace_signature_sql(target_relation)",
        "formatted_scalar_function_args_sql()", "scalar_function_body_sql()",
        "scalar_function_volatility_sql()",
        "unsupported_volatility_warning(volatility)", "get_function_language_specifier()",
        "get_formatted_aggregate_function_args()", "get_aggregate_function_volatility_specifier()",
        "get_aggregate_function_create_replace_signature(target_relation)",
        "formatted_scalar_function_args_javascript()", "scalar_function_volatility_javascript()",
        "get_function_python_options()",
      ],
      #"""
      {% materialization function, default, supported_languages=['sql', 'python', 'javascript'] %}
        {%- set target = this.incorporate(type='function') -%}
        {%- do run_hooks(pre_hooks) -%}
        {%- set make = adapter.dispatch(model.config.type ~ '_function_' ~ model.language, 'dbt') -%}
        {%- do function_execute_build_sql(make(target), load_cached_relation(this), target) -%}
        {%- do run_hooks(post_hooks) -%}
        {%- do return({'relations': [target]}) -%}
      {% endmaterialization %}

      {% macro default__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
        {%- call statement('main') -%}{{ build_sql }}{%- endcall -%}
        {%- do apply_grants(
          target_relation, config.get('grants'), should_revoke(existing_relation, full_refresh_mode=True)) -%}
        {%- do persist_docs(target_relation, model) -%}
        {%- do adapter.commit() -%}
      {% endmacro %}

      {% macro default__scalar_function_sql(target_relation) -%}
        {{ scalar_function_create_replace_signature_sql(target_relation) | trim }}
        {{ scalar_function_body_sql() | trim }};
      {%- endmacro %}

      {% macro default__scalar_function_create_replace_signature_sql(target_relation) -%}
        create or replace function {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() | trim }})
        returns {{ model.returns.data_type }}
        {{ scalar_function_volatility_sql() | trim }}
        as
      {%- endmacro %}

      {% macro default__formatted_scalar_function_args_sql() -%}
        {%- for argument in model.arguments -%}
          {{ argument.name }} {{ argument.data_type }}
          {{- ' default ' ~ argument.default_value if argument.default_value is not none }}
          {{- ', ' if not loop.last }}
        {%- endfor -%}
      {%- endmacro %}

      {% macro default__formatted_scalar_function_args_javascript() -%}
        {%- do exceptions.raise_compiler_error(
          'functions in JavaScript are not written for ' ~ adapter.type()) -%}
      {%- endmacro %}

      {% macro default__scalar_function_volatility_javascript() -%}
        {%- if model.config.get('volatility') is not none -%}
          {%- do unsupported_volatility_warning(model.config.get('volatility')) -%}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__get_function_python_options() -%}
        RUNTIME_VERSION = '{{ model.config.get('runtime_version') }}'
        HANDLER = '{{ model.config.get('entry_point') }}'
        {{- "\nPACKAGES = ('" ~ model.config.get('packages') | join("','") ~ "')" if model.config.get('packages') }}
      {%- endmacro %}

      {% macro default__scalar_function_body_sql() -%}
        $$
           {{ model.compiled_code }}
        $$ language sql
      {%- endmacro %}

      {% macro default__scalar_function_volatility_sql() -%}
        {%- set volatility = model.config.get('volatility') -%}
        {%- set words = {'deterministic': 'immutable', 'stable': 'stable', 'non-deterministic': 'volatile'} -%}
        {%- if volatility in words -%} {{ words[volatility] }}
        {%- elif volatility is not none -%}{%- do unsupported_volatility_warning(volatility) -%}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__unsupported_volatility_warning(volatility) -%}
        {%- do exceptions.warn(
          "function '" ~ model.name ~ "' has the volatility '" ~ volatility ~ "', which " ~ adapter.type()
          ~ ' does not know; it is left out') -%}
      {%- endmacro %}

      {% macro default__get_function_language_specifier() -%}
        {{ 'language ' ~ model.language if model.language != 'sql' }}
      {%- endmacro %}

      {% macro default__get_formatted_aggregate_function_args() -%}
        {{ formatted_scalar_function_args_sql() }}
      {%- endmacro %}

      {% macro default__get_aggregate_function_volatility_specifier() -%}
        {{ scalar_function_volatility_sql() }}
      {%- endmacro %}

      {% macro default__get_aggregate_function_create_replace_signature(target_relation) -%}
        create or replace aggregate function {{ target_relation.render() }} ({{ get_formatted_aggregate_function_args() | trim }})
        returns {{ model.returns.data_type }}
        {{ get_function_language_specifier() | trim }}
        {{ get_aggregate_function_volatility_specifier() | trim }}
        as
      {%- endmacro %}
      """#)
  ]
}
