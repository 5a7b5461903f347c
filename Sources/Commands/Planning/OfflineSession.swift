import ProjectModel
import Warehouse

/// A database in which nothing has been built yet, for plans that are made without a server.
final class OfflineSession: Session {
  let dialect: Dialect

  init(_ dialect: Dialect) { self.dialect = dialect }

  var isInTransaction: Bool { false }

  func run(_ sql: String) throws(WarehouseError) -> QueryResult { throw Self.refusal(sql) }

  func runScript(_ statements: [String]) throws(ScriptError) -> [QueryResult] {
    throw ScriptError(index: 0, error: Self.refusal(statements.first ?? ""))
  }

  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription] { throw Self.refusal(query) }

  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int { throw Self.refusal(sql) }

  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] { [] }

  func columns(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [ColumnDescription]] {
    [:]
  }

  func takeNotices() -> [String] { [] }

  private static func refusal(_ sql: String) -> WarehouseError {
    .statement(
      ServerMessage(
        sqlState: "0A000", message: "this plan needs to know something that only the server can tell",
        statement: sql))
  }
}
