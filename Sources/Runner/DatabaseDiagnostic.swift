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
  /// Where in a seed's file a value stands that the server refused.
  let seedPlace: @Sendable (Node, SeedCell) -> SourceSpan?

  public init(
    node: Node, compiled: CompiledNode?,
    seedPlace: @escaping @Sendable (Node, SeedCell) -> SourceSpan? = { _, _ in nil }
  ) {
    self.node = node
    self.compiled = compiled
    self.seedPlace = seedPlace
  }

  /// An error that belongs to no node: while connecting, in a hook of the run.
  public static func unattached(_ error: WarehouseError, statement: String?) -> Diagnostic {
    switch error {
    case .statement(let message):
      return Diagnostic(
        "database-error", "\(message.message) (SQLSTATE \(message.sqlState))",
        notes: [message.detail, message.context].compactMap { $0 }, help: message.hint,
        statement: statement ?? message.statement)
    case .cannotConnect(let host, let port, let message, let state):
      let lines = message.split(separator: "\n").map(String.init)
      return Diagnostic(
        "cannot-connect",
        "cannot connect to \(host)\(port > 0 ? ":\(port)" : ""): \(lines.first ?? "no answer")",
        notes: lines.count > 1 ? [lines.dropFirst().joined(separator: " ")] : [],
        help: connectionHelp(state))
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
        "connection-lost",
        "the server closed the connection while \(node.name) was \(node.resourceType == .test ? "asked" : "being built"): "
          + message,
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
    let span = place(of: message, in: statement) ?? refusedCell(message)
    let label: String? =
      if span != nil {
        "the server stopped here"
      } else if statement?.span == nil {
        "the server did not say where in it"
      } else {
        nil
      }
    return Diagnostic(
      "database-error", "\(message.message) (SQLSTATE \(message.sqlState))",
      at: span ?? statement?.span ?? fileSpan, label: label,
      notes: notes, help: message.hint ?? help(for: message.sqlState),
      statement: statement?.sql ?? message.statement)
  }

  /// The user's line; nil when the server gave no place or it lies in SQL that whc wrote.
  private func place(of message: ServerMessage, in statement: Plan.Statement?) -> SourceSpan? {
    guard let position = message.position, let statement, let begin = statement.userSQLOffset, let compiled
    else { return nil }
    let offset = statement.sql.unicodeScalars.prefix(position - 1).reduce(0) { $0 + UTF8.width($1) } - begin
    guard offset >= 0, offset < compiled.sql.utf8.count else { return nil }
    // A declared test's template is one call that nobody wrote; where it is declared is what the user can change.
    if node.test != nil, let declared = node.patchSpan { return declared }
    return compiled.sourceMap.position(of: offset, in: compiled.sql)
  }

  /// The value of a seed that COPY could not take: `COPY raw_orders, line 2, column amount: "abc"`.
  private func refusedCell(_ message: ServerMessage) -> SourceSpan? {
    guard node.resourceType == .seed, let cell = message.context.flatMap(SeedCell.init) else { return nil }
    return seedPlace(node, cell) ?? SourceSpan(file: node.originalFilePath, line: cell.line + 1, column: 1)
  }

  private static func connectionHelp(_ sqlState: String?) -> String {
    switch sqlState {
    case "28P01", "28000": "check 'user' and 'password' in the profile; 'whc debug' shows where it was read"
    case "3D000": "create the database, or set another 'dbname' in the profile"
    case "53300": "wait for others to finish, or set fewer 'threads' in the profile"
    default: "'whc debug' shows the settings in use and tries them"
    }
  }

  private var fileSpan: SourceSpan? {
    if node.test != nil, let declared = node.patchSpan { return declared }
    return node.originalFilePath.isEmpty
      ? nil : SourceSpan(file: node.originalFilePath, line: node.firstLine, column: 1)
  }

  private func help(for sqlState: String) -> String? {
    switch sqlState {
    case "42501": "the role of the profile lacks a privilege; grant it, or choose another schema or role"
    case "53100": "the server's disk is full; nothing of this node was published"
    case "25006":
      "the server is a standby, or its role may only read; name another host or role in the profile"
    case "57014":
      "a statement_timeout ended it, or an administrator; 'set statement_timeout' in a pre-hook changes the first"
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
