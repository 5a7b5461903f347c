import Jinja
import Warehouse

extension TableObject {
  /// The rows of a query with values by the columns' types, as dbt makes them from what its driver gives.
  convenience init(_ result: QueryResult) throws {
    let kinds = result.columns.map { Self.kind(of: $0.type) }
    var types = kinds
    for (column, kind) in kinds.enumerated()
    where kind != .text && result.rows.allSatisfy({ $0[column] == nil }) {
      // A column of nothing but NULL takes the first type that is tried.
      types[column] = .integer
    }
    self.init(
      columnNames: result.columns.map(\.name), columnTypes: types,
      rows: try result.rows.map { row in
        try row.enumerated().map { column, text in
          guard let text else { return Value.none }
          return try Self.value(text, kinds[column], type: result.columns[column].type)
        }
      })
  }

  private static func kind(of type: String) -> ColumnType {
    let base = type.prefix { $0 != "(" }
    if type.hasSuffix("[]") { return .text }
    switch base.trimmed {
    case "smallint", "integer", "bigint", "oid": return .integer
    case "numeric", "real", "double precision": return .number
    case "boolean": return .boolean
    case "date": return .date
    default: return base.hasPrefix("timestamp") ? .timestamp : .text
    }
  }

  private static func value(_ text: String, _ kind: ColumnType, type: String) throws -> Value {
    switch kind {
    case .integer: return Int(text).map(Value.int) ?? .string(text)
    case .number:
      // The driver gives a float, and 240 of it is 240.0.
      guard type.hasPrefix("real") || type.hasPrefix("double"), let number = Double(text) else {
        return TypedValue.decimal(text)
      }
      return TypedValue.decimal(try Value.double(number).text())
    case .boolean: return .bool(text == "t" || text == "true")
    case .date: return TypedValue.date(text) ?? .string(text)
    case .timestamp: return TypedValue.timestamp(text) ?? .string(text)
    case .text: return .string(text)
    }
  }
}
