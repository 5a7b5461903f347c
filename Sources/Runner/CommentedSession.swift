import Compiler
import ProjectModel
import Warehouse

/// A session whose statements carry the project's query comment, as dbt's do.
///
/// Statements of templates have theirs already, and what begins or ends a transaction has none in dbt either.
final class CommentedSession: Session {
  private let base: any Session
  private let comment: QueryCommentText

  init(_ base: any Session, comment: QueryCommentText) {
    self.base = base
    self.comment = comment
  }

  var dialect: Dialect { base.dialect }
  var isInTransaction: Bool { base.isInTransaction }

  func run(_ sql: String) throws(WarehouseError) -> QueryResult {
    let sent = comment.added(to: sql)
    do throws(WarehouseError) { return try base.run(sent) } catch {
      throw original(error, of: sql, sent: sent)
    }
  }

  func runScript(_ statements: [String]) throws(ScriptError) -> [QueryResult] {
    let sent = statements.map(comment.added)
    do throws(ScriptError) { return try base.runScript(sent) } catch {
      var error = error
      error.error = original(error.error, of: statements[error.index], sent: sent[error.index])
      throw error
    }
  }

  func describe(_ query: String) throws(WarehouseError) -> [ColumnDescription] { try base.describe(query) }

  func copyIn(_ sql: String, next: () throws -> [UInt8]?) throws -> Int {
    let sent = comment.added(to: sql)
    do { return try base.copyIn(sent, next: next) } catch let error as WarehouseError {
      throw original(error, of: sql, sent: sent)
    }
  }

  func relations(in schemas: [SchemaName]) throws(WarehouseError) -> [RelationState] {
    try base.relations(in: schemas)
  }

  func columns(of relations: [RelationName]) throws(WarehouseError) -> [RelationName: [ColumnDescription]] {
    try base.columns(of: relations)
  }

  func takeNotices() -> [String] { base.takeNotices() }

  /// The error as it would be without the comment: places are those of the statement itself.
  private func original(_ error: WarehouseError, of sql: String, sent: String) -> WarehouseError {
    guard case .statement(var message) = error, message.statement == sent, sent != sql else { return error }
    message.statement = sql
    if let position = message.position { message.position = position - comment.lead.unicodeScalars.count }
    return .statement(message)
  }
}
