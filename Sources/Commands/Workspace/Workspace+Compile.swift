import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Runner
import Warehouse

extension Workspace {
  /// A connection for the length of `body`; what the catalogue knows of the project's schemas is at hand for
  /// templates that ask for it.
  ///
  /// - Throws: what `body` throws; `WarehouseError.cannotConnect`.
  func withSession<Result: Sendable>(
    _ body: @escaping @Sendable (any Session, TemplateRuntime) throws -> Result
  ) async throws -> Result {
    let connection = try await warehouse().connect(as: "master")
    let interrupt = Interrupt { connection.cancel() }
    defer { interrupt.release() }
    let schemas = schemas
    let console = self.console
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(
        try await connection.perform { session in
          let cache = RelationCache()
          cache.fill(schemas, with: try session.relations(in: schemas))
          let runtime = TemplateRuntime(session: session, cache: cache) { console.tell($0) }
          let result = try body(session, runtime)
          for notice in session.takeNotices() { console.log(.note(notice, .debug)) }
          return result
        })
    } catch {
      outcome = .failure(error)
    }
    await connection.close()
    return try outcome.get()
  }

  /// The same for what only compiles; with `--no-introspect` no connection is opened, and a template that asks the
  /// database gets a diagnostic.
  func withIntrospection<Result: Sendable>(
    _ body: @escaping @Sendable (TemplateRuntime) throws -> Result
  ) async throws -> Result {
    guard flags.introspect else { return try body(offlineRuntime()) }
    return try await withSession { try body($1) }
  }

  /// The schemas of everything the project builds or reads.
  var schemas: [SchemaName] {
    var names: Set<SchemaName> = []
    for node in manifest.nodes.values where node.resourceType != .test {
      if let schema = node.relation?.schema {
        names.insert(SchemaName(database: node.relation?.database, schema: schema))
      }
    }
    for source in manifest.sources.values {
      if let schema = source.relation.schema {
        names.insert(SchemaName(database: source.relation.database, schema: schema))
      }
    }
    return names.sorted { ($0.database ?? "", $0.schema) < ($1.database ?? "", $1.schema) }
  }

  /// A runtime without a database: templates that ask one get a diagnostic.
  func offlineRuntime() -> TemplateRuntime {
    let console = self.console
    return TemplateRuntime { console.tell($0) }
  }
}

extension Console {
  /// What a template said by `log`, `print` or `exceptions.warn`.
  func tell(_ message: TemplateRuntime.Message) {
    if let diagnostic = message.diagnostic { return report([diagnostic]) }
    switch message.level {
    case .print:
      if flags.print { print(message.text) }
    case .debug:
      tell(LogEvent("JinjaLogDebug", "I063", .debug, message.text, data: ["msg": .string(message.text)]))
    case .info:
      tell(LogEvent("JinjaLogInfo", "I062", .info, message.text, data: ["msg": .string(message.text)]))
    case .warning:
      report([Diagnostic("template-warning", severity: .warning, message.text, at: message.span)])
    }
  }
}
