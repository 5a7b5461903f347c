/// An error or notice of the server with PostgreSQL's fields.
public struct ServerMessage: Sendable, Hashable {
  /// Five characters: `42P01`. PostgreSQL manual, appendix A.
  public var sqlState: String
  public var severity: String
  public var message: String
  public var detail: String?
  public var hint: String?
  /// 1-based, in characters (not bytes) of `statement`.
  public var position: Int?
  public var internalQuery: String?
  public var context: String?
  public var schema: String?
  public var table: String?
  public var column: String?
  public var constraint: String?
  /// The text that was sent.
  public var statement: String

  public init(sqlState: String, severity: String = "ERROR", message: String, statement: String) {
    self.sqlState = sqlState
    self.severity = severity
    self.message = message
    self.statement = statement
  }

  /// `position` as a 0-based byte offset in `statement`; nil when the server named no place in it.
  public var byteOffset: Int? {
    guard let position, position >= 1 else { return nil }
    let scalars = statement.unicodeScalars
    guard let index = scalars.index(scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
    else { return nil }
    return statement.utf8.distance(from: statement.startIndex, to: index)
  }

  /// The message with DETAIL, HINT and CONTEXT, a line each, as `psql` shows them.
  public var fullText: String {
    var text = "\(severity): \(message)"
    if let detail { text += "\nDETAIL: \(detail)" }
    if let hint { text += "\nHINT: \(hint)" }
    if let context { text += "\nCONTEXT: \(context)" }
    return text
  }
}
