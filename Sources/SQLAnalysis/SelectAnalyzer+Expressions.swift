extension SelectAnalyzer {
  /// What an expression's values are made of.
  ///
  /// - Parameter isNoted: false to look at one again: its mistakes are known
  func expression(_ node: SyntaxNode, isNoted: Bool = true) -> Expression {
    guard let (kind, fields) = node.node else { return .unknown }
    func part(_ name: String) -> Expression { expression(fields[name], isNoted: isNoted) }
    func parts(_ name: String) -> [Expression] { fields[name].list.map { expression($0, isNoted: isNoted) } }
    switch kind {
    case "ColumnRef": return column(fields, isNoted: isNoted)
    case "A_Const": return Self.constant(fields)
    case "TypeCast":
      let value = part("arg")
      var result = Expression.made(
        of: [value], type: SQLType(fields["typeName"]), isNullable: value.isNullable)
      // A cast to the type that it has is no change.
      if let type = value.type, type == result.type { result = value }
      return result
    case "A_Expr": return operation(fields, isNoted: isNoted)
    case "BoolExpr":
      let values = parts("args")
      return .made(of: values, type: .boolean, isNullable: Expression.strict(values))
    case "NullTest", "BooleanTest": return .made(of: [part("arg")], type: .boolean, isNullable: false)
    case "FuncCall": return call(fields, isNoted: isNoted)
    case "CaseExpr": return choice(fields, isNoted: isNoted)
    case "CoalesceExpr":
      let values = parts("args")
      let isNullable: Bool? =
        values.contains { $0.isNullable == false }
        ? false : values.allSatisfy { $0.isNullable == true } ? true : nil
      return .made(of: values, type: Self.common(values), isNullable: isNullable)
    case "MinMaxExpr":
      let values = parts("args")
      return .made(
        of: values, type: Self.common(values),
        isNullable: values.contains { $0.isNullable == false } ? false : nil)
    case "SubLink": return subquery(fields, isNoted: isNoted)
    case "A_ArrayExpr":
      let values = parts("elements")
      return .made(of: values, type: Self.common(values)?.array, isNullable: false)
    case "RowExpr": return .made(of: parts("args"), isNullable: false)
    case "A_Indirection":
      let value = part("arg")
      let isElement =
        fields["indirection"].list.last?.node("A_Indices").map { !$0["is_slice"].isTrue } ?? false
      return .made(of: [value], type: isElement && value.type?.isArray == true ? value.type?.element : nil)
    case "CollateClause":
      let value = part("arg")
      return .made(of: [value], type: value.type, isNullable: value.isNullable)
    case "SQLValueFunction": return Self.valueFunction(fields["op"].string ?? "")
    case "GroupingFunc": return .made(of: parts("args"), type: .integer, isNullable: false)
    case "NamedArgExpr": return part("arg")
    case "List": return .made(of: parts("items"))
    default: return .made(of: fields.inner.map { expression($0, isNoted: isNoted) })
    }
  }

  static func common(_ values: [Expression]) -> SQLType? {
    // A text in quotes takes the type of the others.
    let typed = values.filter { !$0.isUntyped }
    guard let first = typed.first else { return values.isEmpty ? nil : .text }
    let common = typed.dropFirst().reduce(first.type) { SQLType.common($0, $1.type) }
    return typed.count < values.count ? common?.unmodified : common
  }

  // MARK: Leaves

  private func column(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    let names = fields["fields"].names
    guard let name = names.last, fields["fields"].list.last?.node("A_Star") == nil else {
      return .made(of: scope.visible.map(value))
    }
    let qualifier = Array(names.dropLast())
    let own = scope.resolve(name, of: qualifier)
    if case .attribute(let id) = own { return value(id) }
    if case .unknown = own { return .unknown }
    if case .ambiguous(let aliases) = own {
      if isNoted { analyzer.note(.ambiguousColumn(name, of: aliases), at: fields.location) }
      return .unknown
    }
    if qualifier.isEmpty, let row = scope.sources.first(where: { $0.alias == name }) {
      return .made(of: row.attributes.map(value))
    }
    var nearest = own
    for var outer in context.outer.reversed() {
      switch outer.resolve(name, of: qualifier) {
      case .attribute(let id):
        let attribute = outer.attributes[id]
        return Expression(type: attribute.type, isNullable: attribute.isNullable, origins: attribute.origins)
      case .unknown, .ambiguous: return .unknown
      case .missing(let candidates):
        if case .noSuchAlias = nearest { nearest = .missing(candidates: candidates) }
      case .noSuchAlias: break
      }
      if qualifier.isEmpty, outer.sources.contains(where: { $0.alias == name }) { return .unknown }
    }
    // `(a.b).c` and a composite column's field look alike.
    if isNoted, qualifier.count < 2 {
      switch nearest {
      case .missing(let candidates):
        analyzer.note(.unknownColumn(name, of: qualifier.last, candidates: candidates), at: fields.location)
      case .noSuchAlias(let candidates):
        let isComposite = scope.visible.contains { scope.attributes[$0].name == qualifier.last }
        if !isComposite, let alias = qualifier.last {
          analyzer.note(.unknownAlias(alias, candidates: candidates), at: fields.location)
        }
      default: break
      }
    }
    return .unknown
  }

  private func value(_ id: Int) -> Expression {
    let attribute = scope.attributes[id]
    return Expression(
      type: attribute.type, isNullable: attribute.isNullable, origins: attribute.origins, attribute: id,
      partition: attribute.partition)
  }

  private static func constant(_ fields: SyntaxNode) -> Expression {
    if fields["isnull"].isTrue {
      var null = Expression(type: nil, isNullable: true)
      null.isUntyped = true
      return null
    }
    if !fields["ival"].isNull { return .literal(.integer) }
    if !fields["boolval"].isNull { return .literal(.boolean) }
    if let text = fields["fval"]["fval"].string {
      return .literal(text.contains { $0 == "." || $0 == "e" || $0 == "E" } ? .numeric : .bigint)
    }
    var text = Expression.literal(.text)
    text.isUntyped = true
    return text
  }

  private static func valueFunction(_ name: String) -> Expression {
    switch name {
    case "SVFOP_CURRENT_DATE": .literal(.date)
    case "SVFOP_CURRENT_TIMESTAMP", "SVFOP_CURRENT_TIMESTAMP_N": .literal(.timestamptz)
    case "SVFOP_LOCALTIMESTAMP", "SVFOP_LOCALTIMESTAMP_N": .literal(.timestamp)
    case "SVFOP_CURRENT_TIME", "SVFOP_CURRENT_TIME_N": .literal(SQLType("time with time zone"))
    case "SVFOP_LOCALTIME", "SVFOP_LOCALTIME_N": .literal(SQLType("time without time zone"))
    default: .literal(SQLType("name"))
    }
  }

  // MARK: Made of others

  private func operation(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    let left = expression(fields["lexpr"], isNoted: isNoted)
    let right = expression(fields["rexpr"], isNoted: isNoted)
    let values = fields["lexpr"].isNull ? [right] : [left, right]
    switch fields["kind"].string {
    case "AEXPR_OP":
      let type = FunctionCatalog.type(
        ofOperator: fields["name"].names.last ?? "", left.isUntyped ? nil : left.type,
        right.isUntyped ? nil : right.type, isPrefix: fields["lexpr"].isNull)
      return .made(of: values, type: type, isNullable: Expression.strict(values))
    case "AEXPR_NULLIF": return .made(of: values, type: FunctionCatalog.compared(left.type), isNullable: true)
    case "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT": return .made(of: values, type: .boolean, isNullable: false)
    default: return .made(of: values, type: .boolean, isNullable: Expression.strict(values))
    }
  }

  private func choice(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    let cases = fields["args"].list.compactMap { $0.node("CaseWhen") }
    let tests = ([fields["arg"]] + cases.map { $0["expr"] }).map { expression($0, isNoted: isNoted) }
    var results = cases.map { expression($0["result"], isNoted: isNoted) }
    if fields["defresult"].isNull {
      var null = Expression(type: nil, isNullable: true)
      null.isUntyped = true
      results.append(null)
    } else {
      results.append(expression(fields["defresult"], isNoted: isNoted))
    }
    return .made(of: tests + results, type: Self.common(results), isNullable: Expression.strict(results))
  }

  private func subquery(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    guard let select = fields["subselect"].node("SelectStmt") else { return .unknown }
    // Looked at again, its mistakes are those of the first time.
    guard isNoted else { return .unknown }
    let shape = analyzer.query(select, in: context.inside(scope))
    conditions.formUnion(shape.conditions)
    let test = expression(fields["testexpr"], isNoted: isNoted)
    switch fields["subLinkType"].string {
    case "EXPR_SUBLINK":
      var result = Expression(type: shape.columns.first?.type, isNullable: true)
      result.origins = (shape.columns.first?.origins ?? [:]).mapValues { max($0, .transformed) }
      return result
    case "ARRAY_SUBLINK":
      var result = Expression(type: shape.columns.first?.type?.array, isNullable: false)
      result.origins = (shape.columns.first?.origins ?? [:]).mapValues { _ in .aggregated }
      return result
    default:
      for column in shape.columns { conditions.formUnion(column.origins.keys) }
      let isExists = fields["subLinkType"].string == "EXISTS_SUBLINK"
      return .made(of: [test], type: .boolean, isNullable: isExists ? false : nil)
    }
  }

  private func call(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    let name = fields["funcname"].names.last ?? ""
    let arguments = fields["args"].list.map { expression($0, isNoted: isNoted) }
    let window = fields["over"].isNull ? nil : window(fields["over"])
    var others = [expression(fields["agg_filter"], isNoted: isNoted)]
    others += fields["agg_order"].list.map {
      expression(($0.node("SortBy") ?? .null)["node"], isNoted: isNoted)
    }
    var partition: [Expression] = []
    if let window {
      partition = window["partitionClause"].list.map { expression($0, isNoted: isNoted) }
      others += partition
      others += window["orderClause"].list.map {
        expression(($0.node("SortBy") ?? .null)["node"], isNoted: isNoted)
      }
    }
    for other in others { conditions.formUnion(other.origins.keys) }
    let isAggregate =
      FunctionCatalog.isAggregate(name) || fields["agg_star"].isTrue || fields["agg_within_group"].isTrue
    let types = arguments.map { $0.isUntyped ? nil : $0.type }
    var result = Expression.made(
      of: arguments, isAggregate ? .aggregated : .transformed, type: FunctionCatalog.type(of: name, types),
      isNullable: FunctionCatalog.isNullable(name, arguments.map(\.isNullable)))
    result.isAggregate = result.isAggregate || isAggregate && window == nil
    result.givesRows = result.givesRows || FunctionCatalog.givesRows(name)
    if name == "row_number", window != nil, partition.allSatisfy({ $0.attribute != nil }) {
      result.partition = Set(partition.compactMap(\.attribute))
    }
    return result
  }

  /// A window's definition; one that only names another takes that one's.
  private func window(_ over: SyntaxNode) -> SyntaxNode {
    let name = over["name"].string ?? over["refname"].string
    guard let name, let named = windows[name], over["partitionClause"].list.isEmpty else { return over }
    return named
  }
}

extension SyntaxNode {
  /// The nodes in a node that nobody knows.
  fileprivate var inner: [SyntaxNode] {
    switch self {
    case .fields(let fields): fields.flatMap { $0.value.node != nil ? [$0.value] : $0.value.inner }
    case .list(let items): items.flatMap { $0.node != nil ? [$0] : $0.inner }
    default: []
    }
  }
}

extension SQLType {
  /// The type that a `TypeName` of the syntax tree means.
  init?(_ node: SyntaxNode) {
    guard let name = node["names"].names.last else { return nil }
    let modifiers = node["typmods"].list.compactMap { $0.node("A_Const")?["ival"] }.map {
      $0["ival"].integer ?? 0
    }
    // Without a length it is a type of its own.
    let base = name == "bpchar" && modifiers.isEmpty ? name : SQLType(text: name)?.name ?? name
    // The modifier of an interval is a mask of its fields.
    let text =
      modifiers.isEmpty || base == "interval" ? nil : modifiers.map(String.init).joined(separator: ",")
    self.init(
      base, modifier: text.map { Self.full($0, of: base) }, isArray: !node["arrayBounds"].list.isEmpty)
  }
}
