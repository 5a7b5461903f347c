import ProjectModel
import Testing

@testable import Compiler

@Suite struct NamesTests {
  @Test func builtInNames() throws {
    let engine = Fixture.engine()
    var node = Fixture.node("orders", "")
    #expect(
      try engine.names(for: node, customDatabase: nil, customSchema: nil, customAlias: nil)
        == TemplateEngine.GeneratedNames(database: "lake", schema: "dev", alias: "orders"))
    node.version = 2
    #expect(
      try engine.names(for: node, customDatabase: "other", customSchema: " marts ", customAlias: nil)
        == TemplateEngine.GeneratedNames(database: "other", schema: "dev_marts", alias: "orders_v2"))
    #expect(
      try engine.names(for: node, customDatabase: nil, customSchema: nil, customAlias: " o ").alias == "o")
  }

  @Test func theBuiltInMacrosGiveWhatTheNativeNamesGive() throws {
    // Macros of the project that call the built-in ones go the long way.
    let engine = Fixture.engine(macros: [
      "macros/names.sql": """
      {% macro generate_schema_name(custom_schema_name, node) %}
        {{ default__generate_schema_name(custom_schema_name, node) }}
      {% endmacro %}
      {% macro generate_alias_name(custom_alias_name=none, node=none) %}
        {{ default__generate_alias_name(custom_alias_name, node) }}
      {% endmacro %}
      """
    ])
    var node = Fixture.node("orders", "")
    node.version = "1.5"
    let native = try Fixture.engine().names(
      for: node, customDatabase: nil, customSchema: "marts", customAlias: nil)
    let rendered = try engine.names(for: node, customDatabase: nil, customSchema: "marts", customAlias: nil)
    #expect(rendered == native)
    #expect(rendered.alias == "orders_v1_5")
  }

  @Test func theUsersMacroSeesTheNode() throws {
    let engine = Fixture.engine(macros: [
      "macros/names.sql": """
      {% macro generate_schema_name(custom_schema_name, node) -%}
        {{ node.resource_type }}_{{ node.config.materialized }}_{{ node.fqn[0] }}_{{ target.name }}
      {%- endmacro %}
      """
    ])
    let names = try engine.names(
      for: Fixture.node("orders", ""), customDatabase: nil, customSchema: nil, customAlias: nil)
    #expect(names.schema == "model_view_shop_dev")
  }
}
