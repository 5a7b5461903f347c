public import Diagnostics
public import Materializations
public import ProjectModel
public import Warehouse

/// Turns what a server answered into a diagnostic that points at the user's own line.
///
/// PostgreSQL gives the place of an error as a 1-based count of characters in the text that was sent (manual,
/// "Error and Notice Message Fields", field P). The statement knows where the user's SQL begins in it, and the
/// compiled node's source map leads from there to the template.
public struct DatabaseDiagnostic {
  public var node: Node
  public var compiled: CompiledNode?

  public init(node: Node, compiled: CompiledNode?) {
    self.node = node
    self.compiled = compiled
  }

  /// An error that belongs to no node: while connecting, in a hook of the run.
  public static func unattached(_ error: WarehouseError, statement: String?) -> Diagnostic {
    switch error {
    case .statement(let message):
      return Diagnostic(
        "database-error", "\(message.message) (SQLSTATE \(message.sqlState))",
        notes: [message.detail, message.context].compactMap { $0 }, help: message.hint,
        statement: statement ?? message.statement)
    case .cannotConnect(let host, let port, let message, _):
      return Diagnostic(
        "cannot-connect", "cannot connect to \(host)\(port > 0 ? ":\(port)" : ""): \(message)",
        help: "'whc debug' shows the settings in use and tries them")
    case .connectionLost(let message):
      return Diagnostic(
        "connection-lost", "the server closed the connection: \(message)", statement: statement)
    case .cancelled:
      return Diagnostic("cancelled", "cancelled", statement: statement)
    }
  }

  public func diagnostic(for error: WarehouseError, in statement: Plan.Statement?) -> Diagnostic {
    switch error {
    case .statement(let message):
      return diagnostic(for: message, in: statement)
    case .cannotConnect:
      return Self.unattached(error, statement: nil)
    case .connectionLost(let message):
      return Diagnostic(
        "connection-lost", "the server closed the connection while \(node.name) was being built: \(message)",
        at: fileSpan,
        notes: ["the open transaction is undone by the server; the relation is as it was before"])
    case .cancelled:
      return Diagnostic("cancelled", "\(node.name) was cancelled", at: fileSpan)
    }
  }

  private func diagnostic(for message: ServerMessage, in statement: Plan.Statement?) -> Diagnostic {
    var notes: [String] = []
    if let detail = message.detail { notes.append(detail) }
    if let context = message.context { notes.append(context) }
    let span = place(of: message, in: statement) ?? rowOfSeed(message)
    if span == nil, statement?.span == nil, !node.originalFilePath.isEmpty {
      notes.append("in \(node.originalFilePath); the server did not say where")
    }
    return Diagnostic(
      "database-error", "\(message.message) (SQLSTATE \(message.sqlState))",
      at: span ?? statement?.span,
      label: span == nil ? nil : "the server stopped here",
      notes: notes, help: message.hint ?? help(for: message.sqlState),
      statement: statement?.sql ?? message.statement)
  }

  /// The user's line; nil when the server gave no place or it lies in SQL that whc wrote.
  private func place(of message: ServerMessage, in statement: Plan.Statement?) -> SourceSpan? {
    guard let position = message.position, let statement, let begin = statement.userSQLOffset, let compiled
    else { return nil }
    let offset = statement.sql.unicodeScalars.prefix(position - 1).reduce(0) { $0 + UTF8.width($1) } - begin
    guard offset >= 0, offset < compiled.sql.utf8.count else { return nil }
    return compiled.sourceMap.position(of: offset, in: compiled.sql)
  }

  /// COPY counts the lines that it was sent, the header is not among them: `COPY raw_orders, line 2, column amount`.
  private func rowOfSeed(_ message: ServerMessage) -> SourceSpan? {
    guard node.resourceType == .seed, let context = message.context, context.hasPrefix("COPY"),
      let word = context.firstRange(of: ", line ")
    else { return nil }
    let digits = context[word.upperBound...].prefix { $0.isNumber }
    return Int(digits).map { SourceSpan(file: node.originalFilePath, line: $0 + 1, column: 1) }
  }

  private var fileSpan: SourceSpan? {
    node.originalFilePath.isEmpty
      ? nil : SourceSpan(file: node.originalFilePath, line: node.firstLine, column: 1)
  }

  private func help(for sqlState: String) -> String? {
    switch sqlState {
    case "42501": "the role of the profile lacks a privilege; grant it, or choose another schema or role"
    case "53100": "the server's disk is full; nothing of this node was published"
    case "42P01": "a relation that is built by this project is named by ref(), so that it is built first"
    default: nil
    }
  }
}

extension UTF8 {
  fileprivate static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x80: 1
    case 0x80..<0x800: 2
    case 0x800..<0x10000: 3
    default: 4
    }
  }
}
