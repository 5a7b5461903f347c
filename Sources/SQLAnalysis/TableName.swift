/// The name of a relation as a query writes it, folded as PostgreSQL folds it.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
  public let database: String?
  public let schema: String?
  public let name: String

  public init(database: String? = nil, schema: String? = nil, name: String) {
    self.database = database
    self.schema = schema
    self.name = name
  }

  public var description: String { [database, schema, name].compactMap { $0 }.joined(separator: ".") }
}

/// A column of a relation that a query reads.
public struct ColumnReference: Sendable, Hashable, CustomStringConvertible {
  public let table: TableName
  public let column: String

  public init(table: TableName, column: String) {
    self.table = table
    self.column = column
  }

  public var description: String { "\(table).\(column)" }
}
