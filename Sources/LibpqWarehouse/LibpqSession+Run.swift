import Warehouse

extension LibpqSession {
  func run(_ sql: String) throws(WarehouseError) -> QueryResult {
    var answer: QueryResult?
    try send(sql) { result in
      // A later command's tag does not hide rows, but later rows hide earlier ones.
      if let held = answer, !held.columns.isEmpty, result.columns.isEmpty { return }
      answer = result
    }
    return try named(answer ?? QueryResult(columns: [], rows: [], tag: "", rowsAffected: nil))
  }

  func runScript(_ statements: [String]) throws(ScriptError) -> [QueryResult] {
    guard !statements.isEmpty else { return [] }
    // The line break keeps a comment at a statement's end from hiding the semicolon.
    let separator = "\n;\n"
    var results: [QueryResult] = []
    do throws(WarehouseError) {
      try send(statements.joined(separator: separator)) { results.append($0) }
      var named: [QueryResult] = []
      for result in results { named.append(try self.named(result)) }
      return named
    } catch .statement(var message) {
      var index = min(results.count, statements.count - 1)
      if let position = message.position {
        // A syntax error is found before anything runs, so results do not tell which statement it is in.
        var start = 0
        for (candidate, statement) in statements.enumerated() {
          let end = start + statement.unicodeScalars.count + separator.utf8.count
          if position - 1 < end || candidate == statements.count - 1 {
            index = candidate
            message.position = position - start
            break
          }
          start = end
        }
      }
      message.statement = statements[index]
      throw ScriptError(index: index, error: .statement(message))
    } catch {
      throw ScriptError(index: min(results.count, statements.count - 1), error: error)
    }
  }

  /// Sends `sql` and gives each statement's result as it comes.
  private func send(_ sql: String, _ receive: (QueryResult) -> Void) throws(WarehouseError) {
    let conn = try open()
    try refuseNUL(sql)
    try answerCancel(before: sql)
    guard libpq.PQsendQuery(conn, sql) == 1 else { throw failure(conn, sql) }
    var problem: WarehouseError?
    while let result = libpq.PQgetResult(conn) {
      defer { libpq.PQclear(result) }
      switch libpq.PQresultStatus(result) {
      case Libpq.ResultStatus.commandOK, Libpq.ResultStatus.tuplesOK, Libpq.ResultStatus.emptyQuery:
        receive(read(result))
      case Libpq.ResultStatus.copyIn:
        // Nobody gives data here: the server answers the refusal with an error, which the next turn reads.
        _ = libpq.PQputCopyEnd(conn, "COPY FROM STDIN has no data in this place")
      case Libpq.ResultStatus.copyOut:
        drainCopy(conn)
      case Libpq.ResultStatus.copyBoth:
        throw lose("the server began a replication stream")
      default:
        if problem == nil { problem = error(of: result, conn, sql) }
      }
    }
    if libpq.PQstatus(conn) == Libpq.ConnectionStatus.bad {
      let text: String
      if case .statement(let message) = problem {
        text = message.message
      } else if case .connectionLost(let message) = problem {
        text = message
      } else {
        text = errorText(conn)
      }
      throw lose(text)
    }
    if let problem { throw settled(problem) }
  }

  /// What arrives of `COPY … TO STDOUT` is thrown away.
  private func drainCopy(_ conn: OpaquePointer) {
    var buffer: UnsafeMutablePointer<CChar>?
    while libpq.PQgetCopyData(conn, &buffer, 0) > 0 { libpq.PQfreemem(buffer) }
  }

  /// Rows and tag of a result. Column types are the ones known without asking; see ``named(_:)``.
  private func read(_ result: OpaquePointer) -> QueryResult {
    let width = libpq.PQnfields(result)
    let height = libpq.PQntuples(result)
    let tag = libpq.PQcmdStatus(result).map { String(cString: $0) } ?? ""
    let affected = libpq.PQcmdTuples(result).flatMap { Int(String(cString: $0)) }
    var rows: [[String?]] = []
    rows.reserveCapacity(Int(height))
    for row in 0..<height {
      var values: [String?] = []
      values.reserveCapacity(Int(width))
      for column in 0..<width { values.append(value(result, row, column)) }
      rows.append(values)
    }
    return QueryResult(columns: columns(of: result), rows: rows, tag: tag, rowsAffected: affected)
  }

  private func value(_ result: OpaquePointer, _ row: CInt, _ column: CInt) -> String? {
    guard libpq.PQgetisnull(result, row, column) == 0, let start = libpq.PQgetvalue(result, row, column)
    else { return nil }
    let length = Int(libpq.PQgetlength(result, row, column))
    return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
  }

  /// A request to cancel that found nothing running is answered here, once. A rollback is let through.
  func answerCancel(before sql: String) throws(WarehouseError) {
    guard cancelHandle.isRequested, !sql.lowercased().hasPrefix("rollback"), cancelHandle.takeRequest()
    else { return }
    throw .cancelled
  }

  func refuseNUL(_ sql: String) throws(WarehouseError) {
    guard let offset = sql.utf8.firstIndex(of: 0) else { return }
    var message = ServerMessage(
      sqlState: "22021", message: "the SQL holds a NUL byte, which PostgreSQL cannot take", statement: sql)
    message.position = sql.unicodeScalars.distance(from: sql.startIndex, to: offset) + 1
    throw .statement(message)
  }
}
