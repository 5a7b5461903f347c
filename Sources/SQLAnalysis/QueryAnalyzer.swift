/// Walks through a query and its subqueries.
///
/// The rules are those of PostgreSQL's manual, chapter 7 (Queries).
final class QueryAnalyzer {
  /// What a query sees of those around it.
  struct Context {
    var ctes: [String: CommonTable] = [:]
    /// The scopes of the queries around this one, the nearest last.
    var outer: [Scope] = []

    func inside(_ scope: Scope) -> Context {
      var context = self
      context.outer.append(scope)
      return context
    }
  }

  /// What a CTE gives to those who read it.
  struct CommonTable {
    let id: Int
    var shape: QueryShape
  }

  /// A column of a CTE by its position.
  struct CommonColumn: Hashable {
    let table: Int
    let index: Int
  }

  /// A column of a query around a subquery that the subquery names outside of aggregates.
  struct OuterReference {
    let scope: Int
    let attribute: Int
    let name: String
    let offset: Int?
  }

  let language: SQLLanguage
  /// CTEs that are read as relations.
  private let relations: Set<String>
  let resolve: (TableName) -> RelationShape?
  private(set) var tables: [QueryAnalysis.Table] = []
  private(set) var findings: [QueryAnalysis.Finding] = []
  private(set) var commonTables: [String: QueryShape] = [:]
  /// The CTEs that something reads.
  private var used: Set<Int> = []
  private var usedColumns: Set<CommonColumn> = []
  private var lastNumber = 0
  private(set) var outerReferences: [OuterReference] = []
  /// How many aggregates stand around what is looked at.
  var aggregateDepth = 0

  init(
    _ language: SQLLanguage, relations: Set<String>, resolve: @escaping (TableName) -> RelationShape?
  ) {
    self.language = language
    self.relations = relations
    self.resolve = resolve
  }

  func note(_ table: TableName, at offset: Int?) {
    tables.append(QueryAnalysis.Table(name: table, offset: offset))
  }

  func note(_ kind: QueryAnalysis.Finding.Kind, at offset: Int?) {
    findings.append(QueryAnalysis.Finding(kind: kind, offset: offset))
  }

  func uses(cte id: Int) { used.insert(id) }

  func uses(_ column: CommonColumn?) {
    if let column { usedColumns.insert(column) }
  }

  func note(_ reference: OuterReference) {
    if aggregateDepth == 0 { outerReferences.append(reference) }
  }

  /// A number for a CTE or a scope.
  func number() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// A SELECT, VALUES or set operation, with its WITH.
  func query(_ select: SyntaxNode, in outside: Context) -> QueryShape {
    var context = outside
    let with = select["withClause"]
    var own: [(syntax: SyntaxNode, table: CommonTable)] = []
    for item in with["ctes"].list {
      guard let cte = item.node("CommonTableExpr"), let name = cte["ctename"].string,
        !relations.contains(name)
      else { continue }
      let table = CommonTable(
        id: number(),
        shape: shape(ofCTE: cte, named: name, isRecursive: with["recursive"].isTrue, in: context))
      context.ctes[name] = table
      commonTables[name] = table.shape
      own.append((cte, table))
    }
    defer {
      for (syntax, table) in own { checkUse(of: table, syntax, isRecursive: with["recursive"].isTrue) }
    }
    if !select["valuesLists"].list.isEmpty { return values(select["valuesLists"].list, in: context) }
    guard let operation = select["op"].string, operation != "SETOP_NONE" else {
      return SelectAnalyzer(self, context).shape(of: select)
    }
    var result = combined(
      query(select["larg"], in: context), query(select["rarg"], in: context), operation,
      keepsAll: select["all"].isTrue)
    if Self.givesOneRow(select) { result.keys = [[]] }
    return result
  }

  /// Notes a CTE that nothing reads, and columns of others that nothing reads.
  private func checkUse(of table: CommonTable, _ cte: SyntaxNode, isRecursive: Bool) {
    guard let name = cte["ctename"].string, let select = cte["ctequery"].node("SelectStmt") else { return }
    guard used.contains(table.id) else { return note(.unusedCTE(name), at: cte.location) }
    let operation = select["op"].string
    guard !isRecursive, operation == nil || operation == "SETOP_NONE", select["valuesLists"].list.isEmpty,
      cte["aliascolnames"].list.isEmpty, select["distinctClause"].list.isEmpty
    else { return }
    let columns = table.shape.columns.enumerated()
    func isUsed(_ index: Int) -> Bool { usedColumns.contains(CommonColumn(table: table.id, index: index)) }
    // A query that only counts rows reads none of them.
    guard columns.contains(where: { isUsed($0.offset) }) else { return }
    for (index, column) in columns where column.isFree && !isUsed(index) {
      note(.unusedColumn(column.name, of: name), at: column.offset)
    }
  }

  private func shape(ofCTE cte: SyntaxNode, named name: String, isRecursive: Bool, in context: Context)
    -> QueryShape
  {
    guard let select = cte["ctequery"].node("SelectStmt") else {
      // INSERT … RETURNING and its like.
      var unknown = QueryShape()
      unknown.isComplete = false
      return unknown
    }
    let names = cte["aliascolnames"].names
    guard isRecursive, select["op"].string != "SETOP_NONE" else {
      return query(select, in: context).renamed(names)
    }
    // The columns of a recursive query are those of its first part.
    var inside = context
    var first = query(select["larg"], in: context).renamed(names)
    first.keys = []
    inside.ctes[name] = CommonTable(id: number(), shape: first)
    return query(select, in: inside).renamed(names)
  }

  private func values(_ rows: [SyntaxNode], in context: Context) -> QueryShape {
    var result = QueryShape()
    let scope = SelectAnalyzer(self, context)
    let rows = rows.map { row in (row.node("List") ?? row)["items"].list }
    let values = rows.map { row in row.map { scope.expression($0) } }
    for index in values.first?.indices ?? 0..<0 {
      let items = values.filter { $0.indices.contains(index) }.map { $0[index] }
      var column = QueryShape.Column("column\(index + 1)")
      column.take(items[0])
      for item in items.dropFirst() { column.mix(item) }
      column.type = scope.common(items, of: "VALUES", at: rows[0][index].place)
      column.isUntyped = items.allSatisfy(\.isUntyped)
      result.columns.append(column)
    }
    result.keys = rows.count == 1 ? [[]] : []
    return result
  }

  private func combined(
    _ left: QueryShape, _ right: QueryShape, _ operation: String, keepsAll: Bool
  ) -> QueryShape {
    var result = left
    result.isComplete = left.isComplete && right.isComplete
    result.open = nil
    if result.isComplete, left.columns.count != right.columns.count {
      note(.unequalColumns(left.columns.count, right.columns.count), at: right.columns.first?.offset)
    }
    result.conditions.formUnion(right.conditions)
    let isUnion = operation == "SETOP_UNION"
    for index in result.columns.indices {
      result.columns[index].partition = nil
      result.columns[index].isFree = false
      guard index < right.columns.count else { continue }
      let other = right.columns[index]
      let name = operation.dropFirst("SETOP_".count)
      result.columns[index].type = type(of: [left.columns[index], other], in: String(name))
      result.columns[index].isUntyped = false
      if !keepsAll {
        SelectAnalyzer(self, Context()).checkEquality(result.columns[index].type, at: other.offset)
      }
      if isUnion {
        result.columns[index].isNullable = either(left.columns[index].isNullable, other.isNullable)
        result.columns[index].origins.merge(other.origins, uniquingKeysWith: max)
      } else {
        result.conditions.formUnion(other.origins.keys)
      }
    }
    if isUnion { result.keys = [] }
    if !keepsAll, result.isComplete { result.keys.append(Set(result.columns.indices)) }
    return result
  }

  private func type(of columns: [QueryShape.Column], in operation: String) -> SQLType? {
    switch CommonType(of: columns.map(\.expression)) {
    case .type(let type): return type
    case .none(let first, let second):
      note(.unlikeTypes(first.description, second.description, of: operation), at: columns.last?.offset)
      return nil
    }
  }

  /// `limit 1` and its like; WITH TIES may give more.
  static func givesOneRow(_ select: SyntaxNode) -> Bool {
    isOne(select["limitCount"]) && select["limitOption"].string != "LIMIT_OPTION_WITH_TIES"
  }

  static func isOne(_ limit: SyntaxNode) -> Bool {
    limit.node("A_Const")?["ival"]["ival"].integer == 1
  }
}

/// Whether one of two may be NULL; nil where one decides and is not known.
func either(_ left: Bool?, _ right: Bool?) -> Bool? {
  if left == true || right == true { return true }
  return left == nil || right == nil ? nil : false
}

extension QueryShape {
  /// As others read it: what nothing gave a type is text.
  var typed: QueryShape {
    var result = self
    for index in columns.indices where columns[index].isUntyped {
      result.columns[index].isUntyped = false
      result.columns[index].type = .text
    }
    return result
  }

  /// With the names of a column list; columns behind its end keep theirs.
  func renamed(_ names: [String]) -> QueryShape {
    var result = typed
    for (index, name) in names.enumerated() where index < result.columns.count {
      result.columns[index].name = name
    }
    return result
  }
}

extension QueryShape.Column {
  /// As an operand.
  var expression: Expression {
    var expression = Expression(type: type, isNullable: isNullable)
    expression.isUntyped = isUntyped
    return expression
  }

  mutating func take(_ expression: Expression) {
    type = expression.type
    isUntyped = expression.isUntyped
    isNullable = expression.isNullable
    origins = expression.origins
  }

  /// Takes what may stand in the same column of another row; the type is left.
  mutating func mix(_ expression: Expression) {
    isNullable = either(isNullable, expression.isNullable)
    origins.merge(expression.origins, uniquingKeysWith: max)
  }
}
