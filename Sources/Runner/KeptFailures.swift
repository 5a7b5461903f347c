import Materializations
import ProjectModel
import Warehouse

/// Rows that made a test fail inside a transaction, carried over its end so that a person can look at them.
struct KeptFailures {
  /// More rows than anybody reads.
  private static let limit = 10_000

  private let relation: RelationName
  private let columns: [ColumnDescription]
  private let rows: [[String?]]

  /// Reads the rows of a test's query; the transaction must still be usable.
  init(of query: String, as relation: RelationName, on session: any Session) throws {
    self.relation = relation
    columns = try session.describe(query)
    rows = try session.run("select * from (\(query)\n) whc_failures limit \(Self.limit)").rows
  }

  /// Makes the table anew with these rows.
  func store(on session: any Session) throws {
    let dialect = session.dialect
    let name = dialect.render(relation)
    let definitions = columns.map { "\(dialect.quote($0.name)) \($0.type)" }.joined(separator: ", ")
    var statements = [
      "begin", "drop table if exists \(name) cascade", "create table \(name) (\(definitions))",
    ]
    for start in stride(from: 0, to: rows.count, by: 500) {
      let values = rows[start..<min(rows.count, start + 500)].map { row in
        "(" + zip(row, columns).map { cell(dialect, $0, $1) }.joined(separator: ", ") + ")"
      }
      statements.append("insert into \(name) values \(values.joined(separator: ", "))")
    }
    statements.append("commit")
    do {
      _ = try session.runScript(statements)
    } catch {
      if session.isInTransaction { _ = try? session.run("rollback") }
      throw error.error
    }
  }

  private func cell(_ dialect: Dialect, _ value: String?, _ column: ColumnDescription) -> String {
    value.map { dialect.literal($0, as: column.type) } ?? "null"
  }
}
