extension SelectAnalyzer {
  /// The relations of an item of FROM: what `*` shows of them, and what identifies their rows.
  struct Part {
    var visible: [Int] = []
    var rows = RowIdentity()
  }

  func from(_ item: SyntaxNode) -> Part {
    guard let (kind, node) = item.node else { return Part() }
    switch kind {
    case "RangeVar": return table(node)
    case "RangeSubselect": return subquery(node)
    case "JoinExpr": return join(node)
    case "RangeFunction": return function(node)
    case "RangeTableSample": return from(node["relation"])
    default: return open(node)
    }
  }

  // MARK: Relations

  private func table(_ node: SyntaxNode) -> Part {
    guard let name = node["relname"].string else { return Part() }
    let schema = node["schemaname"].string
    let alias = node["alias"]["aliasname"].string ?? name
    let names = node["alias"]["colnames"].names
    if schema == nil, let cte = context.ctes[name] {
      analyzer.uses(cte: cte.id)
      return add(cte.shape.renamed(names), alias: alias, schema: nil, common: cte.id)
    }
    let path = [node["catalogname"].string, schema, name].compactMap(\.self)
    if analyzer.language == .redshift, let part = elements(of: path, alias: alias) { return part }
    let table = TableName(database: node["catalogname"].string, schema: schema, name: name)
    analyzer.note(table, at: node.location)
    let shape = analyzer.resolve(table)
    if shape == nil, schema == nil {
      analyzer.note(.unknownTable(name, candidates: context.ctes.keys.sorted()), at: node.location)
    }
    var ids: [Int] = []
    for (index, column) in (shape?.columns ?? []).enumerated() {
      ids.append(
        scope.add(
          Scope.Attribute(
            name: index < names.count ? names[index] : column.name, type: column.type,
            isNullable: column.isNullable,
            origins: [ColumnReference(table: table, column: column.name): .copied])))
    }
    let isOpen = !(shape?.isComplete ?? false)
    scope.sources.append(
      Scope.Source(
        alias: alias, schema: node["alias"].isNull ? schema : nil, attributes: ids,
        open: isOpen && names.isEmpty ? table : nil, isOpen: isOpen, isTable: true))
    let columns = shape?.columns.map(\.name) ?? []
    let keys = (shape?.keys ?? []).compactMap { key -> Set<Int>? in
      let found = key.compactMap { name in columns.firstIndex(of: name).map { ids[$0] } }
      return found.count == key.count ? Set(found) : nil
    }
    scope.sources[scope.sources.count - 1].keys = keys
    return Part(visible: ids, rows: RowIdentity(keys: keys))
  }

  /// `from orders o, o.lines l`: a row for each element of a SUPER value, whose fields nobody knows; nil when the name in
  /// front of the dot is no relation of this FROM.
  private func elements(of path: [String], alias own: String) -> Part? {
    guard path.count > 1, scope.sources.contains(where: { $0.alias == path[0] }) else { return nil }
    var origins: [ColumnReference: QueryShape.Use] = [:]
    if case .attribute(let id) = scope.resolve(path[1], of: [path[0]]) {
      origins = scope.attributes[id].origins.mapValues { max($0, .transformed) }
    }
    let id = scope.add(Scope.Attribute(name: own, type: nil, isNullable: nil, origins: origins))
    var source = Scope.Source(alias: own, schema: nil, attributes: [id], open: nil, isOpen: true)
    source.fields = origins
    scope.sources.append(source)
    return Part(visible: [id], rows: RowIdentity(keys: []))
  }

  private func add(_ shape: QueryShape, alias: String?, schema: String?, common: Int? = nil) -> Part {
    conditions.formUnion(shape.conditions)
    let ids = shape.columns.map { column in
      scope.add(
        Scope.Attribute(
          name: column.name, type: column.type, isNullable: column.isNullable, origins: column.origins))
    }
    for (index, column) in shape.columns.enumerated() {
      scope.attributes[ids[index]].partition = column.partition.map { Set($0.map { ids[$0] }) }
      scope.attributes[ids[index]].isListed = column.isListed
      scope.attributes[ids[index]].common = common.map { .init(table: $0, index: index) }
    }
    let keys = shape.keys.map { key in Set(key.map { ids[$0] }) }
    scope.sources.append(
      Scope.Source(
        alias: alias, schema: schema, attributes: ids, open: shape.open, isOpen: !shape.isComplete,
        keys: keys))
    return Part(visible: ids, rows: RowIdentity(keys: keys))
  }

  private func subquery(_ node: SyntaxNode) -> Part {
    guard let select = node["subquery"].node("SelectStmt") else { return open(node) }
    let inside = node["lateral"].isTrue ? context.inside(scope) : context
    let shape = analyzer.query(select, in: inside).renamed(node["alias"]["colnames"].names)
    return add(shape, alias: node["alias"]["aliasname"].string, schema: nil)
  }

  /// A function's rows: those of known columns, or one column of the alias' name.
  private func function(_ node: SyntaxNode) -> Part {
    let calls = node["functions"].list.compactMap { $0.node("List")?["items"].list.first }
    let values = calls.map { expression($0) }
    let alias = node["alias"]["aliasname"].string
    let definitions = node["coldeflist"].list.compactMap { $0.node("ColumnDef") }
    let names =
      definitions.isEmpty ? node["alias"]["colnames"].names : definitions.compactMap { $0["colname"].string }
    let isUnnest = calls.count == 1 && calls[0].node("FuncCall")?["funcname"].names.last == "unnest"
    let first = calls.first?.node("FuncCall")?["funcname"].names.last
    var shape = QueryShape()
    if names.isEmpty {
      // A function that gives one value has one column; which those are is known of few.
      guard calls.count == 1, let first, ServerCatalogue.shared.givesSingleColumn(first) else {
        var part = open(node, alias: alias ?? first)
        part.rows = RowIdentity(keys: [])
        return part
      }
      shape.columns = [QueryShape.Column(alias ?? first)]
    } else {
      shape.columns = names.map { QueryShape.Column($0) }
    }
    if node["ordinality"].isTrue, names.count <= calls.count {
      shape.columns.append(QueryShape.Column("ordinality"))
    }
    for index in shape.columns.indices {
      if definitions.indices.contains(index) {
        shape.columns[index].type = SQLType(definitions[index]["typeName"])
      } else if values.indices.contains(index), values.count == 1 || isUnnest {
        shape.columns[index].type = values[index].type
      }
      for value in values {
        shape.columns[index].origins.merge(
          value.origins.mapValues { max($0, .transformed) }, uniquingKeysWith: max)
      }
    }
    return add(shape, alias: alias ?? first, schema: nil)
  }

  /// A relation of which no columns are known.
  private func open(_ node: SyntaxNode, alias: String? = nil) -> Part {
    scope.sources.append(
      Scope.Source(
        alias: node["alias"]["aliasname"].string ?? alias, schema: nil, attributes: [], open: nil,
        isOpen: true))
    return Part(rows: RowIdentity(keys: []))
  }

  // MARK: Joins

  private func join(_ node: SyntaxNode) -> Part {
    let left = from(node["larg"])
    // A function on the right, and a lateral query, see what stands on the left.
    let before = scope.visible
    scope.visible += left.visible
    let first = scope.sources.count
    let right = from(node["rarg"])
    scope.visible = before
    let side: RowIdentity.Side =
      switch node["jointype"].string {
      case "JOIN_LEFT": .left
      case "JOIN_RIGHT": .right
      case "JOIN_FULL": .full
      default: .inner
      }
    var facts = Facts()
    var merged: [Int] = []
    var hidden: Set<Int> = []
    for name in sharedNames(node, left, right) {
      guard let first = left.visible.first(where: { scope.attributes[$0].name == name }),
        let second = right.visible.first(where: { scope.attributes[$0].name == name })
      else { continue }
      facts.equalities.append((first, second))
      conditions.formUnion(scope.attributes[first].origins.keys)
      conditions.formUnion(scope.attributes[second].origins.keys)
      hidden.formUnion([first, second])
      for side in [first, second] { analyzer.uses(scope.attributes[side].common) }
      let column = mergedColumn(first, second, side, at: node["rarg"].place)
      if column != first, column != second, side != .full { facts.equalities.append((first, column)) }
      merged.append(column)
    }
    var part = Part(visible: merged + (left.visible + right.visible).filter { !hidden.contains($0) })
    if !node["quals"].isNull {
      checkFunctions(in: node["quals"], of: "JOIN/ON")
      let visible = scope.visible
      scope.visible += left.visible + right.visible
      facts.add(condition(node["quals"], of: "JOIN/ON"))
      scope.visible = visible
    }
    if side == .left || side == .full { makeNullable(right.visible) }
    if side == .right || side == .full { makeNullable(left.visible) }
    if side == .inner {
      for attribute in facts.notNull { scope.attributes[attribute].isNullable = false }
    }
    let others = Set(scope.sources[first...].flatMap(\.attributes)).union(right.visible)
    part.rows = left.rows.joined(right.rows, on: facts, side, isOther: others.contains)
    return part
  }

  /// The columns of USING, or for NATURAL those of the same name.
  private func sharedNames(_ node: SyntaxNode, _ left: Part, _ right: Part) -> [String] {
    guard node["isNatural"].isTrue else { return node["usingClause"].names }
    let names = Set(right.visible.map { scope.attributes[$0].name })
    return left.visible.map { scope.attributes[$0].name }.filter(names.contains)
  }

  /// The column that stands for both: that of the side whose rows all stay, of the common type.
  private func mergedColumn(_ first: Int, _ second: Int, _ side: RowIdentity.Side, at place: Int?) -> Int {
    let stays = side == .right ? second : first
    var both = scope.attributes[stays]
    let values = [first, second].map { Expression(type: scope.attributes[$0].type) }
    both.type = common(values, of: "JOIN/USING", at: place)
    if both.type != nil { _ = apply("=", values, at: place) }
    guard side == .full else { return both.type == scope.attributes[stays].type ? stays : scope.add(both) }
    both.origins.merge(scope.attributes[second].origins, uniquingKeysWith: max)
    both.origins = both.origins.mapValues { max($0, .transformed) }
    return scope.add(both)
  }

  private func makeNullable(_ attributes: [Int]) {
    for attribute in attributes { scope.attributes[attribute].isNullable = true }
  }

  // MARK: Conditions

  /// What a condition reads, and what it says of the rows that it holds for.
  func condition(_ node: SyntaxNode, of clause: String) -> Facts {
    var facts = Facts()
    let parts = Self.conjuncts(node)
    for part in parts {
      let value = test(part, of: parts.count > 1 ? "AND" : clause, isNoted: true)
      conditions.formUnion(value.origins.keys)
      if let test = part.node("NullTest"), test["nulltesttype"].string == "IS_NOT_NULL" {
        facts.notNull.formUnion([expression(test["arg"], isNoted: false).attribute].compactMap { $0 })
      }
      guard let comparison = part.node("A_Expr"), comparison["kind"].string == "AEXPR_OP",
        let name = comparison["name"].names.last, ["=", "<", ">", "<=", ">=", "<>"].contains(name)
      else { continue }
      let left = expression(comparison["lexpr"], isNoted: false)
      let right = expression(comparison["rexpr"], isNoted: false)
      facts.notNull.formUnion([left.attribute, right.attribute].compactMap { $0 })
      guard name == "=" || name == "<=" else { continue }
      for (one, other, syntax) in [
        (left, right, comparison["rexpr"]), (right, left, comparison["lexpr"]),
      ] {
        guard let attribute = one.attribute, other.attribute == nil else { continue }
        let isOne = QueryAnalyzer.isOne(syntax)
        if isOne, name == "=" || one.attribute == left.attribute { facts.ones.insert(attribute) }
        if name == "=", other.origins.isEmpty, syntax.isConstant { facts.constants.insert(attribute) }
      }
      if name == "=", let first = left.attribute, let second = right.attribute {
        facts.equalities.append((first, second))
      }
    }
    return facts
  }

  private static func conjuncts(_ node: SyntaxNode) -> [SyntaxNode] {
    if node.isNull { return [] }
    guard let parts = node.node("BoolExpr"), parts["boolop"].string == "AND_EXPR" else { return [node] }
    return parts["args"].list.flatMap(conjuncts)
  }
}

extension Facts {
  mutating func add(_ other: Facts) {
    equalities += other.equalities
    constants.formUnion(other.constants)
    notNull.formUnion(other.notNull)
    ones.formUnion(other.ones)
  }
}

extension SyntaxNode {
  /// A literal, or a literal with a type.
  var isConstant: Bool {
    switch node?.kind {
    case "A_Const": true
    case "TypeCast": node?.fields["arg"].isConstant ?? false
    default: false
    }
  }
}
