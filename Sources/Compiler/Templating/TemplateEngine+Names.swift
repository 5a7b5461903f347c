public import Diagnostics
import Jinja
public import ProjectModel

extension TemplateEngine {
  /// The database, schema and alias of a node.
  public struct GeneratedNames: Sendable, Hashable {
    public var database: String
    public var schema: String
    public var alias: String
  }

  /// The names that `generate_database_name`, `generate_schema_name` and `generate_alias_name` give a node.
  ///
  /// - Parameters: custom…: the node's `database`, `schema` and `alias` configs.
  /// - Throws: when the user's own macro fails.
  public func names(
    for node: Node, customDatabase: String?, customSchema: String?, customAlias: String?
  ) throws(DiagnosticsError) -> GeneratedNames {
    let database =
      try generated("generate_database_name", customDatabase, node) ?? customDatabase ?? settings.database
    let schema =
      try generated("generate_schema_name", customSchema, node)
      ?? customSchema.map { "\(settings.schema)_\($0.trimmed)" } ?? settings.schema
    let alias = try generated("generate_alias_name", customAlias, node) ?? defaultAlias(node, customAlias)
    return GeneratedNames(database: database.trimmed, schema: schema.trimmed, alias: alias.trimmed)
  }

  private func defaultAlias(_ node: Node, _ custom: String?) -> String {
    if let custom, !custom.isEmpty { return custom }
    switch node.version {
    case .int(let version)? where version != 0: return "\(node.name)_v\(version)"
    case .double(let version)?: return "\(node.name)_v\("\(version)".replacing(".", with: "_"))"
    case .string(let version)? where !version.isEmpty:
      return "\(node.name)_v\(version.replacing(".", with: "_"))"
    default: return node.name
    }
  }

  /// What the user's macro gives; nil when the built-in one would run.
  private func generated(_ name: String, _ custom: String?, _ node: Node) throws(DiagnosticsError) -> String?
  {
    if library.isUntouched(name, from: settings.projectName),
      node.packageName == settings.projectName || library.macro(name, in: node.packageName) == nil
    {
      return nil
    }
    let own = node.packageName == settings.projectName ? nil : library.macro(name, in: node.packageName)
    guard let macro = own ?? library.adapterMacro(name) else { return nil }
    let context = RenderContext(
      .names,
      subject: RenderContext.Subject(
        text: "", file: node.originalFilePath, name: node.name, packageName: settings.projectName,
        resourceType: node.resourceType),
      engine: self)
    do throws(TemplateError) {
      let value = try context.interpreter.call(
        context.function(of: macro),
        Arguments([Value(optional: custom), .object(NodeObject(node, settings))]))
      return try value.renderedText()
    } catch {
      throw context.failure(error)
    }
  }
}

extension Value {
  /// The text of the value, with errors as the interpreter throws them.
  func renderedText() throws(TemplateError) -> String {
    do {
      return try text()
    } catch let error as TemplateError {
      throw error
    } catch {
      throw TemplateError(.host, "\(error)", underlying: error)
    }
  }
}
