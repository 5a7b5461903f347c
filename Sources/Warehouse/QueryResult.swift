/// Rows as the server sent them in text form; nil is NULL.
public struct QueryResult: Sendable {
  public var columns: [ColumnDescription]
  public var rows: [[String?]]
  /// The command tag: `SELECT 12`, `CREATE TABLE AS`.
  public var tag: String
  /// The number in the command tag, where it has one.
  public var rowsAffected: Int?

  public init(columns: [ColumnDescription], rows: [[String?]], tag: String, rowsAffected: Int?) {
    self.columns = columns
    self.rows = rows
    self.tag = tag
    self.rowsAffected = rowsAffected
  }
}

public struct ColumnDescription: Sendable, Hashable {
  public var name: String
  /// As PostgreSQL's `format_type` writes it: `character varying(20)`, `numeric(10,2)`, `timestamp with
  /// time zone`.
  public var type: String
  /// nil when the server did not say.
  public var isNullable: Bool?

  public init(name: String, type: String, isNullable: Bool? = nil) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
  }
}

extension QueryResult {
  /// The first column of the first row; nil when there is no row or it is NULL.
  public var scalar: String? { rows.first?.first ?? nil }

  /// The values of one column, top to bottom.
  public subscript(column index: Int) -> [String?] { rows.map { $0[index] } }

  /// 0-based index of the first column of this name.
  public func index(of column: String) -> Int? { columns.firstIndex { $0.name == column } }
}
