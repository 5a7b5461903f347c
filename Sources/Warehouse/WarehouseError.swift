/// What a database answered instead of a result.
///
/// Messages are the server's own; a password never stands in one.
public enum WarehouseError: Error, Sendable, Hashable {
  /// The server refused the connection or could not be reached.
  case cannotConnect(host: String, port: Int, message: String, sqlState: String?)
  /// The server refused a statement.
  case statement(ServerMessage)
  /// The connection broke while in use; what the open transaction did is gone.
  case connectionLost(String)
  /// The statement was cancelled at our own request.
  case cancelled
}

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
}
