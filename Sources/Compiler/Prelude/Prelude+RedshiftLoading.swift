extension Prelude {
  /// Loading from S3 and unloading to it, as operations: `whc run-operation copy_from_s3 --args '{…}'`.
  static let redshiftLoading = File(
    "dbt_redshift", "loading.sql",
    #"""
    {% macro redshift__s3_role(iam_role) -%}
      {%- set role = iam_role or target.get('iam_role') or 'default' -%}
      {{ 'default' if role == 'default' else "'" ~ role ~ "'" }}
    {%- endmacro %}

    {% macro redshift__s3_literal(text) -%}
      '{{ text | string | replace('\\', '\\\\') | replace("'", "''") }}'
    {%- endmacro %}

    {% macro redshift__needs_redshift(name) %}
      {%- if target.type != 'redshift' -%}
        {%- do exceptions.raise_compiler_error(name ~ ' is for targets of type redshift') -%}
      {%- endif -%}
    {% endmacro %}

    {% macro copy_from_s3(table, path, format='csv', columns=none, iam_role=none, header=true, options='') %}
      {%- do redshift__needs_redshift('copy_from_s3') -%}
      {%- set sql -%}
        copy {{ table }}{% if columns %} ({{ columns | join(', ') }}){% endif %}
        from {{ redshift__s3_literal(path) }}
        iam_role {{ redshift__s3_role(iam_role) }}
        format as {{ format }}
        {%- if format == 'json' %} 'auto'{% elif format == 'csv' and header %} ignoreheader 1{% endif %} {{ options }}
      {%- endset -%}
      {%- do run_query(sql) -%}
      {%- do log('Copied ' ~ path ~ ' into ' ~ table, info=true) -%}
    {% endmacro %}

    {% macro unload_to_s3(query, path, format='parquet', iam_role=none, header=true, options='') %}
      {%- do redshift__needs_redshift('unload_to_s3') -%}
      {%- set sql -%}
        unload ({{ redshift__s3_literal(query) }})
        to {{ redshift__s3_literal(path) }}
        iam_role {{ redshift__s3_role(iam_role) }}
        format as {{ format }}{% if format == 'csv' and header %} header{% endif %} {{ options }}
      {%- endset -%}
      {%- do run_query(sql) -%}
      {%- do log('Unloaded to ' ~ path, info=true) -%}
    {% endmacro %}
    """#)
}
