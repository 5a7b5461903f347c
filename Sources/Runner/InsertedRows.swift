import Materializations
import Warehouse

/// A seed's rows by INSERT, for servers without COPY from the client: many rows a statement, each statement well below
/// what the server takes.
struct InsertedRows {
  /// `insert into … (…) values`
  let opening: String
  let contents: SeedContents
  let session: any Session

  private static let rowsPerStatement = 1000
  private static let bytesPerStatement = 1 << 20

  /// - Returns: the number of rows.
  func insert(_ stream: SeedStream) throws -> Int {
    var rows = CopiedRows(delimiter: contents.delimiter, width: contents.columns.count)
    var statement = Statement()
    var count = 0
    while let bytes = try stream.next() {
      rows.add(bytes)
      count += try insert(rows.take(), &statement)
    }
    count += try insert(rows.end(), &statement)
    try send(&statement)
    return count
  }

  private struct Statement {
    var values: [String] = []
    var size = 0
  }

  private func insert(_ rows: [[String?]], _ statement: inout Statement) throws -> Int {
    for row in rows {
      let text = "(" + row.map { session.dialect.literal($0) }.joined(separator: ", ") + ")"
      statement.values.append(text)
      statement.size += text.utf8.count
      if statement.values.count == Self.rowsPerStatement || statement.size > Self.bytesPerStatement {
        try send(&statement)
      }
    }
    return rows.count
  }

  private func send(_ statement: inout Statement) throws {
    guard !statement.values.isEmpty else { return }
    _ = try session.run(opening + "\n" + statement.values.joined(separator: ",\n"))
    statement = Statement()
  }
}
