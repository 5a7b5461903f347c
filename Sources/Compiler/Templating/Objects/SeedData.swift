import Jinja

/// A seed's rows, for the templates that load them in place of whc's own plan.
public struct SeedData: Sendable {
  /// What dbt would make of a column.
  public enum Kind: String, Sendable { case integer, number, boolean, date, timestamp, text }

  public var columns: [(name: String, kind: Kind)]
  /// As the server reads them; nil for NULL.
  public var rows: [[String?]]

  public init(columns: [(name: String, kind: Kind)], rows: [[String?]]) {
    self.columns = columns
    self.rows = rows
  }
}

extension TableObject {
  /// What `load_agate_table()` gives.
  convenience init(_ seed: SeedData) {
    self.init(
      columnNames: seed.columns.map(\.name),
      columnTypes: seed.columns.map { column in
        switch column.kind {
        case .integer: .integer
        case .number: .number
        case .boolean: .boolean
        case .date: .date
        case .timestamp: .timestamp
        case .text: .text
        }
      },
      rows: seed.rows.map { row in
        zip(seed.columns, row).map { column, text in text.map { Self.value($0, column.kind) } ?? .none }
      })
  }

  private static func value(_ text: String, _ kind: SeedData.Kind) -> Value {
    switch kind {
    case .integer: Int(text).map(Value.int) ?? .string(text)
    case .number: TypedValue.decimal(text)
    case .boolean: .bool(["t", "true", "1", "yes", "y"].contains(text.lowercased()))
    case .date: TypedValue.date(text) ?? .string(text)
    case .timestamp: TypedValue.timestamp(text.replacing("T", with: " ")) ?? .string(text)
    case .text: .string(text)
    }
  }
}
