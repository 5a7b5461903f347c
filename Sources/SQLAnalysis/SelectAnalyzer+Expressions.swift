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
      if isNoted { note(castOf: value, to: result.type, at: fields.location) }
      // A cast to the type that it has is no change.
      if let type = value.type, type == result.type { result = value }
      result.isUntyped = false
      return result
    case "A_Expr": return operation(fields, isNoted: isNoted)
    case "BoolExpr":
      let name = fields["boolop"].string?.split(separator: "_").first.map(String.init) ?? ""
      let values = fields["args"].list.map { test($0, of: name, isNoted: isNoted) }
      return .made(of: values, type: .boolean, isNullable: Expression.strict(values))
    case "NullTest": return .made(of: [part("arg")], type: .boolean, isNullable: false)
    case "BooleanTest":
      let value = test(fields["arg"], of: "IS TRUE", isNoted: isNoted)
      return .made(of: [value], type: .boolean, isNullable: false)
    case "FuncCall": return call(fields, isNoted: isNoted)
    case "CaseExpr": return choice(fields, isNoted: isNoted)
    case "CoalesceExpr":
      let values = parts("args")
      let isNullable: Bool? =
        values.contains { $0.isNullable == false }
        ? false : values.allSatisfy { $0.isNullable == true } ? true : nil
      let type = common(values, of: "COALESCE", at: isNoted ? fields.location : nil)
      return .made(of: values, type: type, isNullable: isNullable)
    case "MinMaxExpr":
      let values = parts("args")
      let name = fields["op"].string == "IS_LEAST" ? "LEAST" : "GREATEST"
      return .made(
        of: values, type: common(values, of: name, at: isNoted ? fields.location : nil),
        isNullable: values.contains { $0.isNullable == false } ? false : nil)
    case "SubLink": return subquery(fields, isNoted: isNoted)
    case "A_ArrayExpr":
      let values = parts("elements")
      let type = common(values, of: "ARRAY", at: isNoted ? fields.location : nil)
      return .made(of: values, type: type.flatMap { $0.isArray ? $0 : $0.array }, isNullable: false)
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

  // MARK: Leaves

  private func column(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    let names = fields["fields"].names
    guard let name = names.last, fields["fields"].list.last?.node("A_Star") == nil else {
      return .made(of: scope.visible.map(value))
    }
    let qualifier = Array(names.dropLast())
    if analyzer.language == .redshift, let value = redshiftColumn(names) { return value }
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
        analyzer.uses(attribute.common)
        if isNoted {
          let written = fields["fields"].names.joined(separator: ".")
          analyzer.note(
            QueryAnalyzer.OuterReference(
              scope: outer.id, attribute: id, name: written, offset: fields.location))
        }
        return Expression(type: attribute.type, isNullable: attribute.isNullable, origins: attribute.origins)
      case .unknown, .ambiguous: return .unknown
      case .missing(let candidates):
        if case .noSuchAlias = nearest { nearest = .missing(candidates: candidates) }
      case .noSuchAlias: break
      }
      if qualifier.isEmpty, let row = outer.sources.first(where: { $0.alias == name }) {
        for id in row.attributes { analyzer.uses(outer.attributes[id].common) }
        return .unknown
      }
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

  /// What a name means that means nothing to PostgreSQL: a column of the same SELECT, a value of the server's, or a path into a
  /// SUPER value.
  private func redshiftColumn(_ names: [String]) -> Expression? {
    let isListed = scope.visible.contains { scope.attributes[$0].name == names[0] }
    if names.count == 1 {
      if isListed { return nil }
      if let lateral = laterals[names[0]] {
        return lateral.map { .made(of: [$0], type: $0.type) } ?? .unknown
      }
      return names[0] == "sysdate" ? .literal(.timestamp) : nil
    }
    if scope.sources.contains(where: { $0.alias == names[0] }) {
      guard names.count > 2, case .attribute(let id) = scope.resolve(names[1], of: [names[0]]) else {
        return nil
      }
      return .made(of: [value(id)])
    }
    guard isListed, case .attribute(let id) = scope.resolve(names[0], of: []) else { return nil }
    return .made(of: [value(id)])
  }

  private func value(_ id: Int) -> Expression {
    let attribute = scope.attributes[id]
    analyzer.uses(attribute.common)
    return Expression(
      type: attribute.type, isNullable: attribute.isNullable, origins: attribute.origins, attribute: id,
      partition: attribute.partition)
  }

  private static func constant(_ fields: SyntaxNode) -> Expression {
    if fields["isnull"].isTrue { return .null }
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
    let name = fields["name"].names.last ?? ""
    let place = isNoted ? fields.location : nil
    let left = expression(fields["lexpr"], isNoted: isNoted)
    // What stands in a list is compared one by one.
    let others = fields["rexpr"].node("List")?["items"].list ?? [fields["rexpr"]]
    let right = others.map { expression($0, isNoted: isNoted) }
    let values = fields["lexpr"].isNull ? right : [left] + right
    switch fields["kind"].string {
    case "AEXPR_OP":
      return .made(of: values, type: apply(name, values, at: place), isNullable: Expression.strict(values))
    case "AEXPR_NULLIF":
      // It gives its first argument as it is compared: a varchar as text.
      let first = resolve("=", values, at: place).first
      let isKept = first.map { CallResolution.isPolymorphic($0) || $0 == left.type?.unmodified } ?? false
      let type = isKept ? left.type : first
      return .made(of: values, type: type, isNullable: true)
    case "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT":
      // With NULL it asks for nothing of the type.
      if !values.contains(where: \.isNull) { _ = apply("=", values, at: place) }
      return .made(of: values, type: .boolean, isNullable: false)
    case "AEXPR_IN", "AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_SIMILAR":
      for other in right { _ = apply(name, [left, other], at: place) }
    case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN", "AEXPR_BETWEEN_SYM", "AEXPR_NOT_BETWEEN_SYM":
      for other in right { _ = apply("<=", [left, other], at: place) }
    case "AEXPR_OP_ANY", "AEXPR_OP_ALL":
      var element = right.first ?? .unknown
      if let place, let type = element.type, !element.isUntyped, !type.isArray,
        ServerCatalogue.shared.knows(type)
      {
        analyzer.note(.wrongType(type.description, wanted: "an array", in: "ANY/ALL"), at: place)
      }
      element.type = element.type.flatMap { $0.isArray ? $0.element : nil }
      if element.type != nil { _ = apply(name, [left, element], at: place) }
    default: break
    }
    return .made(of: values, type: .boolean, isNullable: Expression.strict(values))
  }

  private func choice(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    let cases = fields["args"].list.compactMap { $0.node("CaseWhen") }
    var tests: [Expression] = []
    if fields["arg"].isNull {
      tests = cases.map { test($0["expr"], of: "CASE WHEN", isNoted: isNoted) }
    } else {
      var subject = expression(fields["arg"], isNoted: isNoted)
      if subject.isUntyped { subject = .literal(.text) }
      tests = [subject] + cases.map { expression($0["expr"], isNoted: isNoted) }
      for (item, other) in zip(cases, tests.dropFirst()) {
        _ = apply("=", [subject, other], at: isNoted ? item.location : nil)
      }
    }
    var results = cases.map { expression($0["result"], isNoted: isNoted) }
    // What ELSE gives is looked at before the others.
    results.insert(
      fields["defresult"].isNull ? .null : expression(fields["defresult"], isNoted: isNoted), at: 0)
    let type = common(results, of: "CASE", at: isNoted ? fields.location : nil)
    return .made(of: tests + results, type: type, isNullable: Expression.strict(results))
  }

  private func subquery(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    guard let select = fields["subselect"].node("SelectStmt") else { return .unknown }
    // Looked at again, its mistakes are those of the first time.
    guard isNoted else { return .unknown }
    let shape = analyzer.query(select, in: context.inside(scope)).typed
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
      if !fields["testexpr"].isNull, fields["testexpr"].node("RowExpr") == nil,
        let first = shape.columns.first
      {
        let name = fields["operName"].names.last ?? "="
        _ = apply(name, [test, Expression(type: first.type)], at: fields.location)
      }
      let isExists = fields["subLinkType"].string == "EXISTS_SUBLINK"
      return .made(of: [test], type: .boolean, isNullable: isExists ? false : nil)
    }
  }

  private func call(_ fields: SyntaxNode, isNoted: Bool) -> Expression {
    let names = fields["funcname"].names
    let name = names.last ?? ""
    let isAggregate = fields.isAggregate
    if isAggregate { analyzer.aggregateDepth += 1 }
    let arguments = fields["args"].list.map { expression($0, isNoted: isNoted) }
    if isAggregate { analyzer.aggregateDepth -= 1 }
    let window = fields["over"].isNull ? nil : window(fields["over"])
    let order = fields["agg_order"].list.map {
      expression(($0.node("SortBy") ?? .null)["node"], isNoted: isNoted)
    }
    var others = [test(fields["agg_filter"], of: "FILTER", isNoted: isNoted)] + order
    var partition: [Expression] = []
    if let window {
      partition = window["partitionClause"].list.map { expression($0, isNoted: isNoted) }
      others += partition
      others += window["orderClause"].list.map {
        expression(($0.node("SortBy") ?? .null)["node"], isNoted: isNoted)
      }
    }
    for other in others { conditions.formUnion(other.origins.keys) }
    // Another schema's function may be called like one of PostgreSQL's.
    let isOwn = names.count == 1 || names.first == "pg_catalog"
    let isPositional =
      !fields["func_variadic"].isTrue && fields["args"].list.allSatisfy { $0.node("NamedArgExpr") == nil }
    // An ordered-set aggregate takes what it is ordered by behind its own arguments.
    let taken = arguments + (fields["agg_within_group"].isTrue ? order : [])
    let type =
      isOwn && isPositional
      ? apply(function: name, taken, isStar: fields["agg_star"].isTrue, at: isNoted ? fields.location : nil)
      : nil
    var result = Expression.made(
      of: arguments, isAggregate ? .aggregated : .transformed, type: type,
      isNullable: isOwn ? FunctionNulls.isNullable(name, arguments.map(\.isNullable)) : nil)
    result.isAggregate = result.isAggregate || isAggregate && window == nil
    result.givesRows = result.givesRows || ServerCatalogue.shared.givesRows(name)
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
  /// Of a `FuncCall`: whether its function is an aggregate, also when it is called as a window function.
  var isAggregate: Bool {
    ServerCatalogue.shared.isAggregate(self["funcname"].names.last ?? "") || self["agg_star"].isTrue
      || self["agg_within_group"].isTrue
  }

  /// The nodes in a node.
  var inner: [SyntaxNode] {
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
    let base = SQLType(text: name)?.name ?? name
    // The modifier of an interval is a mask of its fields.
    let text =
      modifiers.isEmpty || base == "interval" ? nil : modifiers.map(String.init).joined(separator: ",")
    self.init(
      base, modifier: text.map { Self.full($0, of: base) }, isArray: !node["arrayBounds"].list.isEmpty)
  }
}
