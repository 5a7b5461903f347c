/// Which columns and functions a clause may name once rows are grouped (PostgreSQL manual, 7.2.3 and 4.2.7).
extension SelectAnalyzer {
  /// Notes functions and columns that stand in clauses of a query that do not know them.
  ///
  /// - Parameters:
  ///   - isComplete: whether `outputs` are all columns, so that a number in GROUP BY means the one it counts
  ///   - inner: what subqueries of the select list and of HAVING name of this query's columns
  func checkClauses(
    of select: SyntaxNode, _ outputs: [Output], isComplete: Bool, isGrouped: Bool,
    inner: [QueryAnalyzer.OuterReference]
  ) {
    checkFunctions(in: select["whereClause"], of: "WHERE")
    checkFunctions(in: select["havingClause"], of: "HAVING", allowsAggregates: true)
    for call in outputs.compactMap(\.value).flatMap(\.aggregates) {
      for inner in call.inner { checkFunctions(in: inner, of: "an aggregate") }
    }
    let groups = select["groupClause"].list.flatMap(Self.items(ofGroup:))
    guard isGrouped, isComplete || groups.allSatisfy({ Self.position($0) == nil }),
      !groups.contains(where: isUndecided)
    else { return }
    let order = select["sortClause"].list.map { ($0.node("SortBy") ?? .null)["node"] }.filter { node in
      Self.position(node) == nil && !outputs.contains { $0.column.name == Self.bareName(node) }
    }
    let stars = select["targetList"].list.compactMap { $0.node("ResTarget")?.starPlace }
    // Grouped by a subquery, what stands in another one is not looked at.
    let isKnown = !groups.contains { output(of: $0, in: outputs)?.value?.hasSubquery ?? $0.hasSubquery }
    checkGrouping(
      by: groups, outputs, [select["havingClause"]] + order, star: stars.first, inner: isKnown ? inner : [])
  }

  /// Notes columns that a grouped query names outside of GROUP BY and aggregates.
  ///
  /// - Parameters:
  ///   - groups: the expressions of GROUP BY
  ///   - outputs: the columns of the result, which numbers and names in GROUP BY mean
  ///   - others: HAVING and ORDER BY
  ///   - star: where the first `*` stands
  ///   - inner: what subqueries name
  private func checkGrouping(
    by groups: [SyntaxNode], _ outputs: [Output], _ others: [SyntaxNode], star: Int?,
    inner: [QueryAnalyzer.OuterReference]
  ) {
    var syntax: Set<SyntaxNode> = []
    var grouped: Set<Int> = []
    for group in groups {
      let output = output(of: group, in: outputs)
      let attribute = output?.attribute ?? expression(output?.value ?? group, isNoted: false).attribute
      grouped.formUnion([attribute].compactMap { $0 })
      guard let meant = output.map(\.value) ?? group else { continue }
      syntax.insert(meant.withoutPlaces)
      checkFunctions(in: meant, of: "GROUP BY")
    }
    let all = grouped.union(grouped.flatMap(rows.sameAs))
    func isHidden(_ attribute: Int) -> Bool {
      !grouped.contains(attribute) && !isDetermined(attribute, by: grouped, orAnyOf: all)
    }
    func check(_ node: SyntaxNode) {
      guard let (kind, fields) = node.node, !syntax.contains(node.withoutPlaces) else { return }
      switch kind {
      case "ColumnRef":
        if let attribute = expression(node, isNoted: false).attribute, isHidden(attribute) {
          analyzer.note(.ungroupedColumn(fields["fields"].names.joined(separator: ".")), at: fields.location)
        }
      case "FuncCall" where fields.isAggregate && fields["over"].isNull: return
      // What the subquery itself names of this query comes below.
      case "SubLink": check(fields["testexpr"])
      default: for inner in fields.inner { check(inner) }
      }
    }
    if let hidden = outputs.first(where: { $0.value == nil && $0.attribute.map(isHidden) ?? false }) {
      analyzer.note(.ungroupedColumn(hidden.column.name), at: star)
    }
    for node in outputs.compactMap(\.value) + others { check(node) }
    for reference in inner where isOwn(reference) && isHidden(reference.attribute) {
      analyzer.note(.ungroupedColumn(reference.name), at: reference.offset)
    }
  }

  /// Of a relation that nobody describes, a subquery may know columns that this query does not.
  private func isOwn(_ reference: QueryAnalyzer.OuterReference) -> Bool {
    let id = reference.attribute
    return scope.attributes.indices.contains(id) && reference.name.hasSuffix(scope.attributes[id].name)
  }

  /// The column of the result that a number or a name in GROUP BY means. A column of the relations goes before a name of
  /// the select list.
  private func output(of group: SyntaxNode, in outputs: [Output]) -> Output? {
    if let index = Self.position(group) { return outputs.indices.contains(index) ? outputs[index] : nil }
    guard let name = Self.bareName(group), expression(group, isNoted: false).attribute == nil else {
      return nil
    }
    return outputs.first { $0.column.name == name }
  }

  /// Whether a column may follow from those in GROUP BY: by a primary key, as far as one can be there.
  private func isDetermined(_ attribute: Int, by grouped: Set<Int>, orAnyOf same: Set<Int>) -> Bool {
    guard let source = scope.sources.first(where: { $0.attributes.contains(attribute) }) else {
      // A column that USING merged stands for its parts.
      return same.contains(attribute) || !rows.sameAs(attribute).isDisjoint(with: grouped)
    }
    guard source.isTable else { return false }
    if source.keys.contains(where: { $0.isSubset(of: same) }) { return true }
    // Of a relation that nobody describes, any column may be the key.
    return source.isOpen && source.attributes.contains(where: same.contains)
  }

  /// Notes aggregates and window functions in a clause that runs before there are any.
  func checkFunctions(in node: SyntaxNode, of clause: String, allowsAggregates: Bool = false) {
    guard let (kind, fields) = node.node, kind != "SubLink" else { return }
    if kind == "FuncCall" {
      let isWindow = !fields["over"].isNull
      let name = fields["funcname"].names.last ?? ""
      if isWindow || fields.isAggregate && !allowsAggregates {
        analyzer.note(.misplacedFunction(name, isWindow: isWindow, in: clause), at: fields.location)
        return
      }
      if fields.isAggregate {
        for inner in fields.inner { checkFunctions(in: inner, of: "an aggregate") }
        return
      }
    }
    for inner in fields.inner { checkFunctions(in: inner, of: clause, allowsAggregates: allowsAggregates) }
  }

  /// The expressions of an item of GROUP BY: those in ROLLUP, CUBE and GROUPING SETS are grouped, too.
  private static func items(ofGroup node: SyntaxNode) -> [SyntaxNode] {
    if let set = node.node("GroupingSet") { return set["content"].list.flatMap(items) }
    if let row = node.node("RowExpr") { return row["args"].list }
    if let list = node.node("List") { return list["items"].list.flatMap(items) }
    return [node]
  }
}

extension SyntaxNode {
  fileprivate var hasSubquery: Bool {
    guard let node else { return inner.contains(where: \.hasSubquery) }
    return node.kind == "SubLink" || node.fields.inner.contains(where: \.hasSubquery)
  }

  /// Of an item of the select list: where its `*` stands; nil when it is none.
  fileprivate var starPlace: Int? {
    guard let column = self["val"].node("ColumnRef"), column["fields"].list.last?.node("A_Star") != nil else {
      return nil
    }
    return column.location
  }
}
