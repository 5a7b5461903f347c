extension Prelude {
  /// Sending SQL from templates.
  static let statements = [
    File(
      "dbt", "etc/statement.sql",
      #"""
      {% macro statement(name=None, fetch_result=False, auto_begin=True, language='sql') -%}
        {%- if execute -%}
          {%- set statement_text = caller() -%}
          {%- if language != 'sql' -%}
            {%- do exceptions.raise_compiler_error("statement() sends SQL only, not " ~ language) -%}
          {%- endif -%}
          {%- if name == 'main' -%}{%- do write(statement_text) -%}{%- endif -%}
          {%- set answer = adapter.execute(statement_text, auto_begin=auto_begin, fetch=fetch_result) -%}
          {%- if name is not none -%}
            {%- do store_result(name, response=answer[0], agate_table=answer[1]) -%}
          {%- endif -%}
        {%- endif -%}
      {%- endmacro %}

      {% macro noop_statement(name=None, message=None, code=None, rows_affected=None, res=None) -%}
        {%- set statement_text = caller() -%}
        {%- if name == 'main' -%}{%- do write(statement_text) -%}{%- endif -%}
        {%- if name is not none -%}
          {%- do store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) -%}
        {%- endif -%}
      {%- endmacro %}

      {% macro run_query(sql) %}
        {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
          {{ sql }}
        {%- endcall -%}
        {%- set answer = load_result('run_query_statement') -%}
        {%- do return(answer.table if execute else none) -%}
      {% endmacro %}
      """#),
    File(
      "dbt", "etc/datetime.sql",
      #"""
      {% macro convert_datetime(date_str, date_fmt) %}
        {%- set message = "The date '" ~ date_str ~ "' does not have the format '" ~ date_fmt ~ "'" -%}
        {%- do return(
          try_or_compiler_error(message, modules.datetime.datetime.strptime, date_str.strip(), date_fmt)) -%}
      {% endmacro %}

      {% macro dates_in_range(start_date_str, end_date_str=none, in_fmt="%Y%m%d", out_fmt="%Y%m%d") %}
        {%- set first = convert_datetime(start_date_str, in_fmt) -%}
        {%- set last = convert_datetime(end_date_str or start_date_str, in_fmt) -%}
        {%- if last < first -%}
          {%- do exceptions.raise_compiler_error(
            'The range of dates ends before it begins: ' ~ first ~ ', ' ~ last) -%}
        {%- endif -%}
        {%- set dates = [] -%}
        {%- for offset in range((last - first).days + 1) -%}
          {%- set day = first + modules.datetime.timedelta(days=offset) -%}
          {%- do dates.append(day.strftime(out_fmt) if out_fmt else day) -%}
        {%- endfor -%}
        {%- do return(dates) -%}
      {% endmacro %}

      {% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
        {%- set ends = (raw_partition_date | string).split(',') -%}
        {%- if ends | length > 2 -%}
          {%- do exceptions.raise_compiler_error(
            'A range of partitions is {start} or {start},{end}, not ' ~ raw_partition_date) -%}
        {%- endif -%}
        {%- do return(dates_in_range(ends[0], ends[1] if ends | length == 2 else none, in_fmt=date_fmt)) -%}
      {% endmacro %}

      {% macro py_current_timestring() %}
        {%- do return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) -%}
      {% endmacro %}
      """#),
  ]

  /// What a node's database, schema and name become.
  static let names = [
    File(
      "get_custom_name/names.sql",
      dispatching: [
        "generate_database_name(custom_database_name=none, node=none)",
        "generate_schema_name(custom_schema_name=none, node=none)",
        "generate_alias_name(custom_alias_name=none, node=none)",
        "generate_latest_version_pointer_alias(custom_alias_name=none, node=none)",
      ],
      #"""
      {% macro default__generate_database_name(custom_database_name=none, node=none) -%}
        {{ target.database if custom_database_name is none else custom_database_name }}
      {%- endmacro %}

      {% macro default__generate_schema_name(custom_schema_name, node) -%}
        {{ target.schema if custom_schema_name is none else target.schema ~ '_' ~ (custom_schema_name | trim) }}
      {%- endmacro %}

      {% macro generate_schema_name_for_env(custom_schema_name, node) -%}
        {%- if custom_schema_name is none or target.name != 'prod' -%}
          {{ target.schema }}
        {%- else -%}
          {{ custom_schema_name | trim }}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__generate_alias_name(custom_alias_name=none, node=none) -%}
        {%- if custom_alias_name -%}
          {{ custom_alias_name | trim }}
        {%- elif node.version -%}
          {{ node.name ~ '_v' ~ (node.version | string | replace('.', '_')) }}
        {%- else -%}
          {{ node.name }}
        {%- endif -%}
      {%- endmacro %}

      {% macro default__generate_latest_version_pointer_alias(custom_alias_name=none, node=none) -%}
        {{ custom_alias_name | trim if custom_alias_name else node.name }}
      {%- endmacro %}
      """#)
  ]

  static let configs = [
    File(
      "dbt", "materializations/configs.sql",
      #"""
      {% macro set_sql_header(config) -%}
        {{ config.set('sql_header', caller()) }}
      {%- endmacro %}

      {% macro should_full_refresh() %}
        {%- set chosen = config.get('full_refresh') -%}
        {%- do return(flags.FULL_REFRESH if chosen is none else chosen) -%}
      {% endmacro %}

      {% macro should_store_failures() %}
        {%- set chosen = config.get('store_failures') -%}
        {%- do return(flags.STORE_FAILURES if chosen is none else chosen) -%}
      {% endmacro %}
      """#)
  ]

  static let hooks = [
    File(
      "dbt", "materializations/hooks.sql",
      #"""
      {% macro run_hooks(hooks, inside_transaction=True) %}
        {%- for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) -%}
          {%- if loop.first and not inside_transaction -%}
            {%- call statement(auto_begin=false) -%} commit; {%- endcall -%}
          {%- endif -%}
          {%- set hook_sql = render(hook.get('sql')) | trim -%}
          {%- if hook_sql -%}
            {%- call statement(auto_begin=inside_transaction) -%}{{ hook_sql }}{%- endcall -%}
          {%- endif -%}
        {%- endfor -%}
      {% endmacro %}

      {% macro make_hook_config(sql, inside_transaction) %}
          {{ tojson({'sql': sql, 'transaction': inside_transaction}) }}
      {% endmacro %}

      {% macro before_begin(sql) %}
          {{ make_hook_config(sql, inside_transaction=False) }}
      {% endmacro %}

      {% macro in_transaction(sql) %}
          {{ make_hook_config(sql, inside_transaction=True) }}
      {% endmacro %}

      {% macro after_commit(sql) %}
          {{ make_hook_config(sql, inside_transaction=False) }}
      {% endmacro %}
      """#)
  ]
}
