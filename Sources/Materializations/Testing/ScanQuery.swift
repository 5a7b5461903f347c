import ProjectModel
import Warehouse

/// not_null, unique and accepted_values of one relation in one scan.
struct ScanQuery {
  let relation: String
  let members: [FusedQuery.Member]
  let dialect: Dialect

  var fused: FusedQuery {
    // A condition that all share stands in WHERE, where an index can serve it; else each aggregate has its own.
    let conditions = Set(members.map(\.shape.condition))
    let common = conditions.count == 1 ? members[0].shape.condition : nil
    var columns: [String] = []
    var readings: [(member: FusedQuery.Member, reading: FusedQuery.Reading)] = []
    func column(_ sql: String) -> Int {
      if let index = columns.firstIndex(of: sql) { return index }
      columns.append(sql)
      return columns.count - 1
    }
    for member in members {
      let shape = member.shape
      let condition = common == nil ? shape.condition : nil
      switch shape.question {
      case .notNull:
        readings.append((member, .exact(column(rows("\(shape.column) is null", condition)))))
      case .acceptedValues(let list):
        readings.append((member, .zero(column(rows("\(shape.column) not in (\(list))", condition)))))
      case .unique:
        let all = column(values(shape.column, distinct: false, condition))
        let distinct = column(values(shape.column, distinct: true, condition))
        readings.append((member, .equal(all, distinct)))
      case .relationships: continue
      }
    }
    let source = common.map { "(select * from \(relation) where \($0)) dbt_subquery" } ?? relation
    let sql = "select\n  " + columns.joined(separator: ",\n  ") + "\nfrom \(source)"
    return FusedQuery(sql: sql, readings: readings)
  }

  /// Rows for which `predicate` holds.
  private func rows(_ predicate: String, _ condition: String?) -> String {
    let both = condition.map { "(\($0)) and (\(predicate))" } ?? predicate
    return dialect.kind == .postgres
      ? "count(*) filter (where \(both))" : "count(case when \(both) then 1 end)"
  }

  /// Values of `column` that are not NULL.
  private func values(_ column: String, distinct: Bool, _ condition: String?) -> String {
    let word = distinct ? "distinct " : ""
    guard let condition else { return "count(\(word)\(column))" }
    return dialect.kind == .postgres
      ? "count(\(word)\(column)) filter (where \(condition))"
      : "count(\(word)case when \(condition) then \(column) end)"
  }
}
