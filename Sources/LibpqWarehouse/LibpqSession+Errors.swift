import Warehouse

extension LibpqSession {
  /// The error that a result stands for.
  func error(of result: OpaquePointer, _ conn: OpaquePointer, _ sql: String) -> WarehouseError {
    func field(_ code: CInt) -> String? {
      libpq.PQresultErrorField(result, code).map { String(cString: $0) }
    }
    guard let sqlState = field(Libpq.Field.sqlState) else {
      // libpq itself speaks, not the server.
      return .connectionLost(
        trimmed(libpq.PQresultErrorMessage(result).map { String(cString: $0) } ?? errorText(conn)))
    }
    let severity = field(Libpq.Field.severityNotLocalised) ?? field(Libpq.Field.severity) ?? "ERROR"
    let text = field(Libpq.Field.message) ?? ""
    // 57P01, 57P02, 57P05, 25P03 and whatever else ends the server's process.
    if severity == "FATAL" || severity == "PANIC" { return .connectionLost(text) }
    var message = ServerMessage(sqlState: sqlState, severity: severity, message: text, statement: sql)
    message.detail = field(Libpq.Field.detail)
    message.hint = field(Libpq.Field.hint)
    message.position = field(Libpq.Field.position).flatMap { Int($0) }
    message.internalQuery = field(Libpq.Field.internalQuery)
    message.context = field(Libpq.Field.context)
    message.schema = field(Libpq.Field.schema)
    message.table = field(Libpq.Field.table)
    message.column = field(Libpq.Field.column)
    message.constraint = field(Libpq.Field.constraint)
    return .statement(message)
  }

  /// What libpq says when it could not send at all.
  func failure(_ conn: OpaquePointer, _ sql: String) -> WarehouseError {
    if libpq.PQstatus(conn) == Libpq.ConnectionStatus.bad { return lose(errorText(conn)) }
    return .statement(ServerMessage(sqlState: "XX000", message: errorText(conn), statement: sql))
  }

  /// The error as the caller is to see it: a statement stopped at our request is `cancelled`, a statement
  /// timeout is not; and a broken connection closes the session.
  func settled(_ error: WarehouseError) -> WarehouseError {
    switch error {
    case .statement(let message) where message.sqlState == "57014":
      return cancelHandle.takeRequest() ? .cancelled : error
    case .connectionLost(let message): return lose(message)
    default: return error
    }
  }

  func errorText(_ conn: OpaquePointer) -> String {
    trimmed(libpq.PQerrorMessage(conn).map { String(cString: $0) } ?? "")
  }

  private func trimmed(_ text: String) -> String {
    var text = text
    while text.last == "\n" { text.removeLast() }
    return text
  }
}
