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

extension WarehouseError {
  /// Five characters of appendix A of PostgreSQL's manual, where the server said so.
  public var sqlState: String? {
    switch self {
    case .cannotConnect(_, _, _, let state): state
    case .statement(let message): message.sqlState
    case .connectionLost: nil
    case .cancelled: "57014"
    }
  }

  /// True when the same work may succeed if done again from its start: a broken connection, a serialisation
  /// failure, a deadlock, a lock that could not be had, a server that is starting. Only the caller knows
  /// whether doing it again is safe.
  public func isTransient(in dialect: Dialect) -> Bool {
    switch self {
    case .connectionLost: return true
    case .cancelled: return false
    case .cannotConnect(_, _, _, let state):
      guard let state else { return true }
      return state.hasPrefix("08") || ["57P03", "53300"].contains(state)
    case .statement(let message): return message.sqlState == "55P03" || isConflict(in: dialect)
    }
  }

  /// True when the server gave a transaction up because of another one; done again from its start it may
  /// succeed. Redshift has error 1023 for it, and words for relations that others dropped meanwhile.
  public func isConflict(in dialect: Dialect) -> Bool {
    guard case .statement(let message) = self else { return false }
    if ["40001", "40P01"].contains(message.sqlState) { return true }
    guard dialect.kind == .redshift else { return false }
    let text = message.message
    return text.hasPrefix("1023") || text.contains("conflict with concurrent transaction")
      || text.contains("dropped by concurrent transaction")
      || text.contains("could not open relation with OID")
  }
}

extension WarehouseError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotConnect(let host, let port, let message, _):
      "cannot connect to \(host.isEmpty ? "the default host" : host), port \(port): \(message)"
    case .statement(let message): "\(message.severity): \(message.message)"
    case .connectionLost(let message): "the connection was lost: \(message)"
    case .cancelled: "cancelled"
    }
  }
}
