import Warehouse

extension LibpqSession {
  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription] {
    let conn = try open()
    try refuseNUL(query)
    try answerCancel(before: query)
    try check(libpq.PQprepare(conn, "", query, 0, nil), conn, query) { _ in }
    var columns: [ColumnDescription] = []
    try check(libpq.PQdescribePrepared(conn, ""), conn, query) { columns = self.columns(of: $0) }
    return try named(QueryResult(columns: columns, rows: [], tag: "", rowsAffected: nil)).columns
  }

  /// Names and types of a result's columns; a type that is not known yet stands as a mark of
  /// ``TypeNameCache``.
  func columns(of result: OpaquePointer) -> [ColumnDescription] {
    (0..<libpq.PQnfields(result)).map { column in
      let name = libpq.PQfname(result, column).map { String(cString: $0) } ?? ""
      let type = TypeNameCache.Key(
        oid: libpq.PQftype(result, column), modifier: libpq.PQfmod(result, column))
      return ColumnDescription(name: name, type: typeNames[type])
    }
  }

  /// The result with every type's name in place: those not known are asked for together.
  func named(_ result: QueryResult) throws(WarehouseError) -> QueryResult {
    let unknown = result.columns.compactMap { TypeNameCache.mark($0.type) }
    guard !unknown.isEmpty else { return result }
    for key in Set(unknown) { typeNames.beginAsking(key) }
    let rows = Set(unknown).map { key in
      "select \(key.oid), \(key.modifier), pg_catalog.format_type(\(key.oid)::oid, \(key.modifier))"
    }
    for row in try run(rows.joined(separator: " union all ")).rows {
      guard let oid = row[0].flatMap({ UInt32($0) }), let modifier = row[1].flatMap({ Int32($0) }) else {
        continue
      }
      typeNames.learn(TypeNameCache.Key(oid: oid, modifier: modifier), row[2] ?? "???")
    }
    var result = result
    for index in result.columns.indices {
      guard let key = TypeNameCache.mark(result.columns[index].type) else { continue }
      result.columns[index].type = typeNames[key]
    }
    return result
  }

  /// Reads one result that must be good.
  private func check(
    _ result: OpaquePointer?, _ conn: OpaquePointer, _ sql: String, _ read: (OpaquePointer) -> Void
  ) throws(WarehouseError) {
    guard let result else { throw failure(conn, sql) }
    defer { libpq.PQclear(result) }
    switch libpq.PQresultStatus(result) {
    case Libpq.ResultStatus.commandOK, Libpq.ResultStatus.tuplesOK: read(result)
    default: throw settled(error(of: result, conn, sql))
    }
  }
}
