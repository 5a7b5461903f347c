public import Diagnostics
import Jinja
public import ProjectModel

extension NodeCompiler {
  /// The text of the comment that stands before (or after) every statement; nil when there is none.
  public func queryComment(for node: Node?, connectionName: String) throws(DiagnosticsError) -> String? {
    try engine.queryComment(for: node, connectionName: connectionName, index: index)
  }

  /// What stands before (or after) every statement that is sent for a node; nil when nothing does.
  public func commentText(
    for node: Node?, connectionName: String
  ) throws(DiagnosticsError) -> QueryCommentText? {
    guard let comment = try queryComment(for: node, connectionName: connectionName) else { return nil }
    return QueryCommentText(comment: comment, rule: engine.settings.queryComment)
  }
}

/// A project's query comment as it was rendered for a node.
public struct QueryCommentText: Sendable {
  let comment: String
  let rule: TemplateSettings.QueryComment

  /// What stands before a statement; empty when the comment stands behind it.
  public var lead: String { rule.append ? "" : "/* \(comment) */\n" }

  /// The statement with the comment, unless it has it, or begins or ends a transaction.
  public func added(to sql: String) -> String {
    if Self.bare.contains(sql) || sql.utf8.starts(with: "/* \(comment) */".utf8) { return sql }
    if rule.append, sql.contains("/* \(comment) */") { return sql }
    return rule.applied(comment, to: sql)
  }

  private static let bare: Set<String> = ["begin", "commit", "rollback", "BEGIN", "COMMIT", "ROLLBACK"]
}

extension TemplateSettings.QueryComment {
  func applied(_ comment: String, to sql: String) -> String {
    guard append else { return "/* \(comment) */\n\(sql)" }
    let body = sql.trimmingEnd
    return body.hasSuffix(";") ? "\(body.dropLast())\n/* \(comment) */;" : "\(body)\n/* \(comment) */"
  }
}

extension String {
  fileprivate var trimmingEnd: String {
    var slice = Substring(self)
    while let last = slice.last, last.isWhitespace { slice.removeLast() }
    return String(slice)
  }
}

extension RenderContext {
  /// A statement that a template sends, with the run's comment.
  func commented(_ sql: String) throws -> String {
    guard
      let comment = try engine.queryComment(for: subject.node, connectionName: subject.name, index: manifest)
    else { return sql }
    return settings.queryComment.applied(comment, to: sql)
  }
}

extension TemplateEngine {
  func queryComment(
    for node: Node?, connectionName: String, index: ManifestIndex?
  ) throws(DiagnosticsError) -> String? {
    guard let template = settings.queryComment.template else {
      return defaultComment(for: node, connectionName)
    }
    guard !template.trimmed.isEmpty else { return nil }
    let context = RenderContext(
      .operation,
      subject: RenderContext.Subject(
        text: template, file: "dbt_project.yml", name: connectionName, packageName: settings.projectName,
        resourceType: .operation),
      engine: self, manifest: index)
    context.extras["node"] = node.map { .object(NodeObject($0, settings)) } ?? Value.none
    context.extras["connection_name"] = .string(connectionName)
    let text: String
    do throws(TemplateError) {
      let parsed = try Template(parsing: template, name: "dbt_project.yml", syntax: DbtJinja.syntax)
      text = try context.interpreter.render(parsed).text.trimmed
    } catch {
      throw context.failure(error)
    }
    if text.contains("*/") {
      throw DiagnosticsError(
        Diagnostic("bad-query-comment", "the query comment holds '*/', which would end it: \(text)"))
    }
    return text.isEmpty ? nil : text
  }

  private func defaultComment(for node: Node?, _ connectionName: String) -> String {
    var entries: [(String, String?)] = [
      ("app", "whc"), ("dbt_version", DbtVersion.current),
      ("profile_name", settings.target["profile_name"]?.string),
      ("target_name", settings.target["target_name"]?.string),
    ]
    entries.append(node.map { ("node_id", $0.id.rawValue) } ?? ("connection_name", connectionName))
    var output = "{"
    for (index, (key, value)) in entries.enumerated() {
      if index > 0 { output += ", " }
      JSONText.quote(key, &output)
      output += ": "
      if let value { JSONText.quote(value, &output) } else { output += "null" }
    }
    return output + "}"
  }
}
