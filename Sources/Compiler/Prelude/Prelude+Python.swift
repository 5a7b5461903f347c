extension Prelude {
  /// What is put below a model in Python, so that adapters which run Python can call it. None of the warehouses here
  /// does; projects that have adapters' macros of their own look for these.
  static let python = [
    File(
      "python_model/python.sql", dispatching: ["resolve_model_name(input_model_name)"],
      #"""
      {% macro default__resolve_model_name(input_model_name) -%}
        {{ input_model_name | string | replace('"', '\"') }}
      {%- endmacro %}

      {% macro build_ref_function(model) %}
        {%- set names = {} -%}
        {%- for wanted in model.refs -%}
          {%- set words = [wanted.package, wanted.name] if wanted.package else [wanted.name] -%}
          {%- set found = ref(*words, v=wanted.version) -%}
          {%- set key = (words + ['v' ~ wanted.version] if wanted.version else words) | join('.') -%}
          {%- do names.update({key: resolve_model_name(found.render() if found.render is defined else found)}) -%}
        {%- endfor %}
      def ref(*names, dbt_load_df_function, v=None, version=None):
          known = {{ names | tojson }}
          name = ".".join(names)
          if v or version:
              name += f".v{v or version}"
          return dbt_load_df_function(known[name])
      {% endmacro %}

      {% macro build_source_function(model) %}
        {%- set names = {} -%}
        {%- for words in model.sources -%}
          {%- do names.update({words | join('.'): resolve_model_name(source(*words))}) -%}
        {%- endfor %}
      def source(*names, dbt_load_df_function):
          known = {{ names | tojson }}
          return dbt_load_df_function(known[".".join(names)])
      {% endmacro %}

      {% macro build_config_dict(model) %}
        {%- set used = {} -%}
        {%- for key, otherwise in zip(model.config.config_keys_used or [], model.config.config_keys_defaults or []) -%}
          {%- do used.update({key: model.config.get(key, otherwise)}) -%}
        {%- endfor -%}
        {%- set meta = {} -%}
        {%- for key, otherwise in zip(model.config.meta_keys_used or [], model.config.meta_keys_defaults or []) -%}
          {%- do meta.update({key: (model.config.meta or {}).get(key, otherwise)}) -%}
        {%- endfor %}
      config_dict = {{ used }}
      meta_dict = {{ meta }}
      {% endmacro %}

      {% macro py_script_postfix(model) %}
      {{ build_ref_function(model) }}
      {{ build_source_function(model) }}
      {{ build_config_dict(model) }}

      class config:
          @staticmethod
          def get(key, default=None):
              return config_dict.get(key, default)

          @staticmethod
          def meta_get(key, default=None):
              return meta_dict.get(key, default)


      class this:
          database = "{{ this.database }}"
          schema = "{{ this.schema }}"
          identifier = "{{ this.identifier }}"

          def __repr__(self):
              return "{{ resolve_model_name(this) }}"


      class dbtObj:
          def __init__(self, load_df_function):
              self.source = lambda *names: source(*names, dbt_load_df_function=load_df_function)
              self.ref = lambda *names, **more: ref(*names, **more, dbt_load_df_function=load_df_function)
              self.config = config
              self.this = this()
              self.is_incremental = {{ is_incremental() }}

      {{ py_script_comment() }}
      {% endmacro %}

      {% macro py_script_comment() %}{% endmacro %}
      """#)
  ]
}
