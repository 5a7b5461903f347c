import Diagnostics
import ProjectModel
import Warehouse

/// What a function of the context throws: a diagnostic without its place, which the interpreter knows.
struct HostFailure: Error {
  var code: DiagnosticCode
  var summary: String
  var label: String?
  var help: String?
  var notes: [String] = []
  var statement: String?
  /// The user's own place, when it is better than that of the call.
  var span: SourceSpan?

  init(
    _ code: DiagnosticCode, _ summary: String, label: String? = nil, help: String? = nil,
    notes: [String] = [],
    statement: String? = nil
  ) {
    self.code = code
    self.summary = summary
    self.label = label
    self.help = help
    self.notes = notes
    self.statement = statement
  }
}

extension HostFailure {
  /// The failure at the user's line, when the server stopped inside the node's own SQL.
  ///
  /// - Parameter sent: what the server was sent; its position counts characters in it, from 1.
  func placed(_ error: WarehouseError, in sent: String, _ compiled: CompiledNode?) -> HostFailure {
    guard case .statement(let message) = error, let position = message.position, let compiled,
      let begin = sent.firstRange(of: compiled.sql)?.lowerBound
    else { return self }
    let scalars = sent.unicodeScalars
    guard let place = scalars.index(scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
    else { return self }
    let offset = sent.utf8.distance(from: begin, to: place)
    guard offset >= 0, offset < compiled.sql.utf8.count,
      let span = compiled.sourceMap.position(of: offset, in: compiled.sql)
    else { return self }
    var placed = self
    placed.span = span
    placed.label = "the server stopped here"
    return placed
  }
}
