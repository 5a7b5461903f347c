/// One SELECT: its FROM makes the scope, conditions narrow it, the list of expressions makes the columns.
final class SelectAnalyzer {
  let analyzer: QueryAnalyzer
  let context: QueryAnalyzer.Context
  var scope: Scope
  /// Columns that decide which rows there are.
  var conditions: Set<ColumnReference> = []
  var rows = RowIdentity()
  /// The windows that the WINDOW clause names.
  private(set) var windows: [String: SyntaxNode] = [:]
  /// Redshift's expressions may name columns of their own SELECT: those that were looked at, and nil for the others.
  var laterals: [String: Expression?] = [:]

  init(_ analyzer: QueryAnalyzer, _ context: QueryAnalyzer.Context) {
    self.analyzer = analyzer
    self.context = context
    scope = Scope(id: analyzer.number())
  }

  /// A column of the result, and what gives it.
  struct Output {
    var column: QueryShape.Column
    var attribute: Int?
    var partition: Set<Int>?
    /// The expression; nil for a column that a `*` gave.
    var value: SyntaxNode?
    /// The same without places.
    var syntax: SyntaxNode?
  }

  func shape(of select: SyntaxNode) -> QueryShape {
    for item in select["fromClause"].list {
      let part = from(item)
      scope.visible += part.visible
      rows = rows.joined(part.rows)
    }
    for window in select["windowClause"].list {
      if let definition = window.node("WindowDef"), let name = definition["name"].string {
        windows[name] = definition
      }
    }
    let isRedshift = analyzer.language == .redshift
    if isRedshift {
      for target in select["targetList"].list {
        if let name = target.node("ResTarget")?["name"].string { laterals[name] = .some(nil) }
      }
    }
    let facts = condition(select["whereClause"], of: "WHERE")
    rows.narrow(facts, partition: { scope.attributes[$0].partition })
    for attribute in facts.notNull { scope.attributes[attribute].isNullable = false }

    var result = QueryShape()
    var outputs: [Output] = []
    var isAggregate = false
    var givesRows = false
    // Subqueries from here on see rows that are grouped already.
    let firstGrouped = analyzer.outerReferences.count
    for target in select["targetList"].list {
      guard let target = target.node("ResTarget") else { continue }
      if let star = stars(target, isComplete: &result.isComplete) {
        outputs += star
        continue
      }
      let value = expression(target["val"])
      if isRedshift, let name = target["name"].string { laterals[name] = value }
      isAggregate = isAggregate || value.isAggregate
      givesRows = givesRows || value.givesRows
      var column = QueryShape.Column(target["name"].string ?? Self.defaultName(of: target["val"]))
      column.take(value)
      column.offset = target.location
      column.isFree = !value.givesRows
      outputs.append(
        Output(
          column: column, attribute: value.attribute, partition: value.partition, value: target["val"],
          syntax: target["val"].withoutPlaces))
    }
    result.columns = outputs.map(\.column)
    // QUALIFY, which stands in the place of WHERE, names the columns of the result.
    if isRedshift {
      conditions.formUnion(expression(select["whereClause"], isNoted: false).origins.keys)
    }
    if !result.isComplete { result.open = openRelation(behind: select["targetList"].list) }

    let having = test(select["havingClause"], of: "HAVING", isNoted: true)
    conditions.formUnion(having.origins.keys)
    isAggregate = isAggregate || having.isAggregate
    let groups = select["groupClause"].list
    for group in groups {
      note(group, outputs, isHeld: &result)
      checkEquality(expression(group, isNoted: false).type, at: group.place)
    }
    for item in select["sortClause"].list {
      note((item.node("SortBy") ?? .null)["node"], outputs, isHeld: &result)
    }
    for item in select["distinctClause"].list { note(item, outputs, isHeld: &result) }

    checkClauses(
      of: select, outputs, isComplete: result.isComplete,
      isGrouped: isAggregate || !groups.isEmpty || !select["havingClause"].isNull,
      inner: analyzer.outerReferences[firstGrouped...].filter { $0.scope == scope.id })

    func positions(_ attributes: Set<Int>) -> Set<Int>? {
      var found: Set<Int> = []
      for attribute in attributes {
        let classOf = rows.sameAs(attribute)
        guard let index = outputs.firstIndex(where: { $0.attribute.map(classOf.contains) ?? false }) else {
          return nil
        }
        found.insert(index)
      }
      return found
    }
    if groups.isEmpty {
      result.keys = isAggregate ? [[]] : rows.keys.compactMap(positions)
    } else if let grouped = self.positions(of: groups, outputs) {
      result.keys = [grouped] + rows.keys.compactMap(positions).filter { $0.isStrictSubset(of: grouped) }
    }
    if givesRows { result.keys = [] }
    if !select["distinctClause"].list.isEmpty || Self.isPlainDistinct(select) {
      let on = select["distinctClause"].list.filter { $0 != .fields([]) && !$0.isNull }
      for output in outputs where on.isEmpty { checkEquality(output.column.type, at: output.column.offset) }
      if on.isEmpty {
        if result.isComplete { result.keys.append(Set(result.columns.indices)) }
      } else if let key = self.positions(of: on, outputs, prefersOutputs: true) {
        result.keys.append(key)
      }
    }
    if QueryAnalyzer.givesOneRow(select) { result.keys = [[]] }
    result.keys = RowIdentity.smallest(result.keys)
    for (index, output) in outputs.enumerated() {
      result.columns[index].partition = output.partition.flatMap(positions)
    }
    result.conditions = conditions
    return result
  }

  /// `select distinct` is a list with one empty node.
  private static func isPlainDistinct(_ select: SyntaxNode) -> Bool {
    select["distinctClause"].list.contains { $0 == .fields([]) || $0.isNull }
  }

  /// The outputs of `*` and `alias.*`; nil when the target is neither.
  private func stars(_ target: SyntaxNode, isComplete: inout Bool) -> [Output]? {
    guard let fields = target["val"].node("ColumnRef")?["fields"].list, fields.last?.node("A_Star") != nil
    else {
      return nil
    }
    let qualifier = fields.dropLast().compactMap { $0.node("String")?["sval"].string }
    var chosen = scope.visible
    if let alias = qualifier.last {
      guard let source = scope.sources.first(where: { $0.alias == alias }) else {
        // A row of a query around this one.
        if !context.outer.contains(where: { $0.sources.contains { $0.alias == alias } }) {
          analyzer.note(
            .unknownAlias(alias, candidates: scope.sources.compactMap(\.alias)),
            at: target["val"].node("ColumnRef")?.location)
        }
        isComplete = false
        return []
      }
      chosen = Array(source.attributes.prefix(source.listed))
      if source.isOpen { isComplete = false }
    } else if scope.sources.contains(where: \.isOpen) {
      isComplete = false
    }
    return chosen.map { id in
      let attribute = scope.attributes[id]
      var column = QueryShape.Column(attribute.name)
      column.type = attribute.type
      column.isNullable = attribute.isNullable
      column.origins = attribute.origins
      column.isListed = attribute.isListed
      column.offset = target["val"].node("ColumnRef")?.location
      analyzer.uses(attribute.common)
      return Output(column: column, attribute: id, partition: attribute.partition, value: nil, syntax: nil)
    }
  }

  /// The relation whose columns nobody has listed and some `*` passes on, where it is the only one.
  private func openRelation(behind targets: [SyntaxNode]) -> TableName? {
    var found: [TableName?] = []
    for target in targets {
      guard let fields = target.node("ResTarget")?["val"].node("ColumnRef")?["fields"].list,
        fields.last?.node("A_Star") != nil
      else { continue }
      let alias = fields.dropLast().last?.node("String")?["sval"].string
      found += scope.sources.filter { $0.isOpen && (alias == nil || $0.alias == alias) }.map(\.open)
    }
    return found.count == 1 ? found[0] : nil
  }

  /// Notes what a GROUP BY, ORDER BY or DISTINCT ON reads. A number or an output's name reads nothing of its own.
  ///
  /// - Parameter result: its columns that are read are held: they could not be left out.
  private func note(_ node: SyntaxNode, _ outputs: [Output], isHeld result: inout QueryShape) {
    let named =
      Self.position(node)
      ?? Self.bareName(node).flatMap { name in
        outputs.firstIndex { $0.column.name == name }
      }
    let syntax = node.withoutPlaces
    if let held = named ?? outputs.firstIndex(where: { $0.syntax == syntax }),
      result.columns.indices.contains(held)
    {
      result.columns[held].isFree = false
    }
    if let index = Self.position(node), outputs.indices.contains(index) {
      conditions.formUnion(outputs[index].column.origins.keys)
    } else if let name = Self.bareName(node), let output = outputs.first(where: { $0.column.name == name }) {
      conditions.formUnion(output.column.origins.keys)
    } else {
      conditions.formUnion(expression(node).origins.keys)
    }
  }

  /// The outputs that these expressions are, all of them; nil when one is not among the outputs.
  ///
  /// - Parameter prefersOutputs: whether a name means a column of the result before one of the relations, as in DISTINCT
  ///   ON and unlike in GROUP BY (PostgreSQL manual, SELECT)
  private func positions(
    of expressions: [SyntaxNode], _ outputs: [Output], prefersOutputs: Bool = false
  ) -> Set<Int>? {
    var result: Set<Int> = []
    let determined = determined(by: expressions)
    for node in expressions {
      if node.node("GroupingSet") != nil { return nil }
      if let index = Self.position(node) {
        guard outputs.indices.contains(index) else { return nil }
        result.insert(index)
        continue
      }
      let named = Self.bareName(node).flatMap { name in outputs.firstIndex { $0.column.name == name } }
      if prefersOutputs, let named {
        result.insert(named)
        continue
      }
      // Of relations that nobody describes one may have a column of the name.
      if named != nil, isUndecided(node) { return nil }
      let syntax = node.withoutPlaces
      let attribute = node.node("ColumnRef") == nil ? nil : expression(node, isNoted: false).attribute
      let same = attribute.map(rows.sameAs) ?? []
      if let attribute, rows.constants.contains(attribute) { continue }
      let found =
        outputs.firstIndex { $0.attribute.map(same.contains) ?? false }
        ?? outputs.firstIndex { $0.syntax == syntax }
        ?? (attribute == nil ? named : nil)
      if let found {
        result.insert(found)
      } else if attribute.map(determined.contains) != true {
        return nil
      }
    }
    return result
  }

  /// Whether a name may be a column of the relations, and nobody knows.
  func isUndecided(_ node: SyntaxNode) -> Bool {
    guard let name = Self.bareName(node), case .unknown = scope.resolve(name, of: []) else { return false }
    return true
  }

  /// The attributes that others among the expressions decide: those of a relation of which a key is among them, too.
  private func determined(by expressions: [SyntaxNode]) -> Set<Int> {
    let attributes = Set(
      expressions.compactMap { expression($0, isNoted: false).attribute }.flatMap(rows.sameAs))
    var result: Set<Int> = []
    for source in scope.sources {
      guard let key = source.keys.first(where: { $0.isSubset(of: attributes) }) else { continue }
      result.formUnion(Set(source.attributes).subtracting(key))
    }
    return result
  }

  /// `2` means the second output.
  static func position(_ node: SyntaxNode) -> Int? {
    node.node("A_Const")?["ival"]["ival"].integer.map { $0 - 1 }
  }

  static func bareName(_ node: SyntaxNode) -> String? {
    guard let names = node.node("ColumnRef")?["fields"].list, names.count == 1 else { return nil }
    return names[0].node("String")?["sval"].string
  }

  /// What PostgreSQL calls an expression without an alias (`FigureColname` of its parser).
  static func defaultName(of value: SyntaxNode) -> String {
    guard let (kind, node) = value.node else { return "?column?" }
    switch kind {
    case "ColumnRef": return node["fields"].names.last ?? "?column?"
    case "FuncCall": return node["funcname"].names.last ?? "?column?"
    case "TypeCast":
      let inner = defaultName(of: node["arg"])
      return inner == "?column?" ? node["typeName"]["names"].names.last ?? inner : inner
    case "A_Indirection":
      return node["indirection"].names.last ?? defaultName(of: node["arg"])
    case "CollateClause": return defaultName(of: node["arg"])
    case "CaseExpr":
      let inner = defaultName(of: node["defresult"])
      return inner == "?column?" ? "case" : inner
    case "CoalesceExpr": return "coalesce"
    case "MinMaxExpr": return node["op"].string == "IS_LEAST" ? "least" : "greatest"
    case "A_ArrayExpr": return "array"
    case "RowExpr": return "row"
    case "GroupingFunc": return "grouping"
    case "A_Expr": return node["kind"].string == "AEXPR_NULLIF" ? "nullif" : "?column?"
    case "SQLValueFunction":
      return node["op"].string.map { $0.dropFirst("SVFOP_".count).lowercased() }.map { name in
        name.hasSuffix("_n") ? String(name.dropLast(2)) : name
      } ?? "?column?"
    case "SubLink":
      switch node["subLinkType"].string {
      case "EXISTS_SUBLINK": return "exists"
      case "ARRAY_SUBLINK": return "array"
      case "EXPR_SUBLINK":
        let target =
          node["subselect"].node("SelectStmt")?["targetList"].list.first?.node("ResTarget") ?? .null
        return target["name"].string ?? defaultName(of: target["val"])
      default: return "?column?"
      }
    default: return "?column?"
    }
  }
}

extension SyntaxNode {
  /// The same tree without the places in the text: two spellings of one expression are then equal.
  var withoutPlaces: SyntaxNode {
    switch self {
    case .fields(let fields):
      .fields(
        fields.filter { $0.name != "location" }.map { Field(name: $0.name, value: $0.value.withoutPlaces) })
    case .list(let items): .list(items.map(\.withoutPlaces))
    default: self
    }
  }
}
