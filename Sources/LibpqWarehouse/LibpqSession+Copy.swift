import Warehouse

extension LibpqSession {
  /// Bytes given to libpq at once. Larger pieces gain nothing and grow its buffer.
  private static let pieceSize = 64 << 10

  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int {
    let conn = try open()
    try refuseNUL(sql)
    try answerCancel(before: sql)
    guard libpq.PQsendQuery(conn, sql) == 1 else { throw failure(conn, sql) }
    guard let begun = libpq.PQgetResult(conn) else { throw failure(conn, sql) }
    let status = libpq.PQresultStatus(begun)
    guard status == Libpq.ResultStatus.copyIn else {
      let problem = refusal(of: begun, status, conn, sql)
      libpq.PQclear(begun)
      _ = finish(conn, sql)
      throw settled(problem)
    }
    libpq.PQclear(begun)
    do {
      try feed(conn, next)
    } catch {
      _ = libpq.PQputCopyEnd(conn, "the data could not be read")
      _ = finish(conn, sql)
      if libpq.PQstatus(conn) == Libpq.ConnectionStatus.bad { throw lose(errorText(conn)) }
      _ = cancelHandle.takeRequest()
      throw error
    }
    let (rows, problem) = finish(conn, sql)
    if libpq.PQstatus(conn) == Libpq.ConnectionStatus.bad { throw lose(errorText(conn)) }
    if let problem { throw settled(problem) }
    return rows
  }

  /// Gives all data. Where the connection breaks it stops: the result says why.
  private func feed(_ conn: OpaquePointer, _ next: () throws -> [UInt8]?) throws {
    while let chunk = try next() {
      if cancelHandle.isRequested { throw WarehouseError.cancelled }
      let isSent = chunk.withUnsafeBytes { bytes in
        var offset = 0
        while offset < bytes.count {
          let size = min(Self.pieceSize, bytes.count - offset)
          guard let start = bytes.baseAddress?.advanced(by: offset) else { return true }
          let piece = start.assumingMemoryBound(to: CChar.self)
          guard libpq.PQputCopyData(conn, piece, CInt(size)) == 1 else { return false }
          offset += size
        }
        return true
      }
      guard isSent else { return }
    }
    _ = libpq.PQputCopyEnd(conn, nil)
  }

  /// Reads what is left of the statement's results.
  private func finish(_ conn: OpaquePointer, _ sql: String) -> (rows: Int, problem: WarehouseError?) {
    var rows = 0
    var problem: WarehouseError?
    while let result = libpq.PQgetResult(conn) {
      defer { libpq.PQclear(result) }
      switch libpq.PQresultStatus(result) {
      case Libpq.ResultStatus.commandOK, Libpq.ResultStatus.tuplesOK:
        rows = libpq.PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? rows
      case Libpq.ResultStatus.copyIn:
        _ = libpq.PQputCopyEnd(conn, "only one COPY may stand in the statement")
      default:
        if problem == nil { problem = error(of: result, conn, sql) }
      }
    }
    return (rows, problem)
  }

  /// Why the statement did not begin a COPY.
  private func refusal(
    of result: OpaquePointer, _ status: CInt, _ conn: OpaquePointer, _ sql: String
  ) -> WarehouseError {
    switch status {
    case Libpq.ResultStatus.commandOK, Libpq.ResultStatus.tuplesOK, Libpq.ResultStatus.emptyQuery:
      return .statement(
        ServerMessage(sqlState: "42601", message: "the statement is no COPY FROM STDIN", statement: sql))
    default: return error(of: result, conn, sql)
    }
  }
}
