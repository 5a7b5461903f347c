/// A query as its clauses stand: which relations each SELECT reads and how it joins them, what it filters by, groups by
/// and gives. Nothing is resolved; of expressions only the names, comparisons and sums in them are kept.
public struct QueryOutline: Sendable, Hashable {
  /// A column as it is written.
  public struct Name: Sendable, Hashable {
    public let qualifier: String?
    public let name: String
  }

  /// `a.x = b.y`
  public struct Equality: Sendable, Hashable {
    public let left: Name
    public let right: Name
  }

  /// `sum(x)` and nothing else inside, neither DISTINCT nor a window nor a filter.
  public struct Sum: Sendable, Hashable {
    public let of: Name
    /// 0-based byte offset in the text.
    public let offset: Int?
  }

  /// What stands in an expression.
  public struct Parts: Sendable, Hashable {
    public var names: [Name] = []
    public var equalities: [Equality] = []
    public var sums: [Sum] = []
    /// The functions that are called.
    public var calls: Set<String> = []
    public var isAggregate = false
    public var divides = false
    /// Queries inside.
    public var inner: [QueryOutline] = []
  }

  public struct Column: Sendable, Hashable {
    public enum Value: Sendable, Hashable {
      /// `*`, `alias.*`
      case all(of: String?)
      case column(Name)
      case other
    }

    /// nil where the server makes one up.
    public var name: String?
    public var value: Value
    public var parts: Parts
  }

  public indirect enum Source: Sendable, Hashable {
    /// A relation, or a query of a WITH.
    case table(TableName)
    case query(QueryOutline)
    case other
  }

  /// One member of FROM, with what joins it to those before.
  public struct Item: Sendable, Hashable {
    public var source: Source
    public var alias: String
    /// 0-based byte offset in the text.
    public var offset: Int?
    public var condition = Parts()
    public var using: [String] = []
  }

  /// One SELECT.
  public struct Block: Sendable, Hashable {
    public var isDistinct = false
    public var columns: [Column] = []
    public var items: [Item] = []
    /// WHERE and HAVING.
    public var filter = Parts()
    /// GROUP BY, and what the columns are made of that it names.
    public var grouping = Parts()
    public var hasGrouping = false

    public var isAggregate: Bool { columns.contains(where: \.parts.isAggregate) || filter.isAggregate }

    /// Queries inside of its expressions.
    public var inner: [QueryOutline] {
      columns.flatMap(\.parts.inner) + items.flatMap(\.condition.inner) + filter.inner
    }
  }

  /// A query of a WITH.
  public struct Table: Sendable, Hashable {
    public var name: String
    public var query: QueryOutline
  }

  /// Queries of the WITH, in order.
  public var tables: [Table] = []
  /// The parts of a UNION and its like; one of a plain query.
  public var blocks: [Block] = []

  /// nil when the text is no single query.
  ///
  /// - Throws: `SQLParser.SyntaxError`
  public init?(_ sql: String) throws(SQLParser.SyntaxError) {
    let statements = try SQLParser.parse(sql)
    guard statements.count == 1, let select = statements[0].node("SelectStmt") else { return nil }
    self.init(select)
  }

  init(_ select: SyntaxNode) {
    for item in select["withClause"]["ctes"].list {
      guard let cte = item.node("CommonTableExpr"), let name = cte["ctename"].string,
        let query = cte["ctequery"].node("SelectStmt")
      else { continue }
      tables.append(Table(name: name, query: QueryOutline(query)))
    }
    if let operation = select["op"].string, operation != "SETOP_NONE" {
      for side in [select["larg"], select["rarg"]] {
        let part = QueryOutline(side)
        tables += part.tables
        blocks += part.blocks
      }
    } else if select["valuesLists"].list.isEmpty {
      blocks = [Block(select)]
    }
  }
}

extension QueryOutline.Block {
  init(_ select: SyntaxNode) {
    isDistinct = !select["distinctClause"].list.isEmpty
    columns = select["targetList"].list.compactMap { $0.node("ResTarget") }.map(QueryOutline.Column.init)
    for item in select["fromClause"].list { add(item) }
    filter = QueryOutline.Parts(select["whereClause"])
    filter.collect(select["havingClause"])
    hasGrouping = !select["groupClause"].list.isEmpty
    for group in select["groupClause"].list {
      if let position = group.node("A_Const")?["ival"]["ival"].integer {
        guard columns.indices.contains(position - 1) else { continue }
        grouping.take(columns[position - 1].parts)
      } else {
        let parts = QueryOutline.Parts(group)
        grouping.take(parts)
        // The name of a column that is given.
        for name in parts.names where name.qualifier == nil {
          for column in columns where column.name == name.name { grouping.take(column.parts) }
        }
      }
    }
  }

  private mutating func add(_ node: SyntaxNode) {
    guard let (kind, fields) = node.node else { return }
    if kind == "JoinExpr" {
      add(fields["larg"])
      let first = items.count
      add(fields["rarg"])
      guard items.indices.contains(first) else { return }
      items[first].using += fields["usingClause"].names
      items[first].condition.collect(fields["quals"])
      return
    }
    let alias = fields["alias"]["aliasname"].string
    var item = QueryOutline.Item(source: .other, alias: alias ?? "", offset: fields.location)
    if kind == "RangeVar", let name = fields["relname"].string {
      item.source = .table(
        TableName(database: fields["catalogname"].string, schema: fields["schemaname"].string, name: name))
      item.alias = alias ?? name
    } else if kind == "RangeSubselect", let select = fields["subquery"].node("SelectStmt") {
      item.source = .query(QueryOutline(select))
    }
    items.append(item)
  }
}

extension QueryOutline.Column {
  init(_ target: SyntaxNode) {
    let value = target["val"]
    parts = QueryOutline.Parts(value)
    name = target["name"].string
    if let fields = value.node("ColumnRef")?["fields"].list {
      if fields.last?.node("A_Star") != nil {
        self.value = .all(of: fields.dropLast().last?.node("String")?["sval"].string)
        return
      }
      if let column = QueryOutline.Name(value) {
        self.value = .column(column)
        name = name ?? column.name
        return
      }
    }
    self.value = .other
  }
}

extension QueryOutline.Name {
  /// nil for anything but a column's name.
  init?(_ node: SyntaxNode) {
    guard let fields = node.node("ColumnRef")?["fields"].list,
      let name = fields.last?.node("String")?["sval"].string
    else { return nil }
    self.name = name
    qualifier = fields.dropLast().last?.node("String")?["sval"].string
  }
}

extension QueryOutline.Parts {
  private static let aggregates: Set<String> = [
    "sum", "count", "avg", "min", "max", "array_agg", "string_agg", "bool_and", "bool_or", "every",
  ]

  init(_ node: SyntaxNode) { collect(node) }

  /// Takes up what stands in an expression.
  mutating func collect(_ node: SyntaxNode) {
    switch node {
    case .list(let items):
      for item in items { collect(item) }
    case .fields(let fields):
      guard let (kind, inside) = node.node else {
        for field in fields { collect(field.value) }
        return
      }
      switch kind {
      case "ColumnRef":
        if let name = QueryOutline.Name(node) { names.append(name) }
        return
      case "SubLink":
        if let select = inside["subselect"].node("SelectStmt") { inner.append(QueryOutline(select)) }
        collect(inside["testexpr"])
        return
      case "FuncCall": note(call: inside)
      case "A_Expr":
        let sign = inside["name"].names.last
        if sign == "/" { divides = true }
        if sign == "=", inside["kind"].string == "AEXPR_OP", let left = QueryOutline.Name(inside["lexpr"]),
          let right = QueryOutline.Name(inside["rexpr"])
        {
          equalities.append(QueryOutline.Equality(left: left, right: right))
        }
      default: break
      }
      collect(inside)
    default: break
    }
  }

  /// Takes up the names and calls of others.
  fileprivate mutating func take(_ other: QueryOutline.Parts) {
    names += other.names
    calls.formUnion(other.calls)
  }

  private mutating func note(call: SyntaxNode) {
    guard let name = call["funcname"].names.last else { return }
    calls.insert(name)
    guard Self.aggregates.contains(name), call["over"].isNull else { return }
    isAggregate = true
    let arguments = call["args"].list
    if name == "sum", arguments.count == 1, let column = QueryOutline.Name(arguments[0]),
      call["agg_filter"].isNull, !call["agg_distinct"].isTrue
    {
      sums.append(QueryOutline.Sum(of: column, offset: call.location))
    }
  }
}
