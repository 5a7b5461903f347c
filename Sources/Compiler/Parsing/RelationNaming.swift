import Diagnostics
import ProjectModel

/// Gives nodes their database, schema and alias, through the `generate_…_name` macros.
struct RelationNaming {
  let engine: TemplateEngine
  let database: String
  let schema: String
  let quoting: RelationName.Quoting
  /// Packages in which none of the three macros is the project's own: their names follow a plain rule.
  private var usesDefaults: [String: Bool] = [:]

  init(engine: TemplateEngine, database: String, schema: String, quoting: RelationName.Quoting) {
    self.engine = engine
    self.database = database
    self.schema = schema
    self.quoting = quoting
  }

  /// Sets `relation` and `alias` of a node whose config is final.
  mutating func name(_ node: inout Node) throws(DiagnosticsError) {
    let customDatabase = text(node, "database")
    let customSchema = text(node, "schema")
    let customAlias = text(node, "alias")
    var names: TemplateEngine.GeneratedNames
    if isPlain(node.packageName) {
      names = TemplateEngine.GeneratedNames(
        database: customDatabase.map(Self.trimmed) ?? database,
        schema: customSchema.map { schema + "_" + Self.trimmed($0) } ?? schema,
        alias: customAlias.map(Self.trimmed) ?? Self.plainAlias(node))
    } else {
      names = try engine.names(
        for: node, customDatabase: customDatabase, customSchema: customSchema, customAlias: customAlias)
    }
    if node.resourceType == .snapshot {
      if let target = text(node, "target_database") { names.database = target }
      if let target = text(node, "target_schema") { names.schema = target }
    }
    node.alias = names.alias
    node.relation = RelationName(
      database: names.database, schema: names.schema, identifier: names.alias, quoting: quoting(of: node))
  }

  private func text(_ node: Node, _ key: String) -> String? {
    guard let value = node.config[key], !value.isNull else { return nil }
    let text = value.pythonText
    return text.isEmpty ? nil : text
  }

  private mutating func isPlain(_ package: String) -> Bool {
    if let known = usesDefaults[package] { return known }
    let isPlain = ["database", "schema", "alias"].allSatisfy { part in
      [
        "generate_\(part)_name", "default__generate_\(part)_name", "postgres__generate_\(part)_name",
        "redshift__generate_\(part)_name",
      ].allSatisfy { name in
        guard let id = engine.macroID(named: name, from: package) else { return true }
        return id.rawValue.hasPrefix("macro.dbt.")
      }
    }
    usesDefaults[package] = isPlain
    return isPlain
  }

  private static func plainAlias(_ node: Node) -> String {
    guard let version = node.version else { return node.name }
    return node.name + "_v"
      + version.pythonText.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "_")
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// The node's `quoting` over the project's.
  private func quoting(of node: Node) -> RelationName.Quoting {
    guard let own = node.config["quoting"]?.mapping, !own.isEmpty else { return quoting }
    return RelationName.Quoting(
      database: own["database"]?.bool ?? quoting.database, schema: own["schema"]?.bool ?? quoting.schema,
      identifier: own["identifier"]?.bool ?? quoting.identifier)
  }
}
