/// Which columns and functions a clause may name once rows are grouped (PostgreSQL manual, 7.2.3 and 4.2.7).
extension SelectAnalyzer {
  /// Notes columns that a grouped query names outside of GROUP BY and aggregates.
  ///
  /// - Parameters:
  ///   - groups: the items of GROUP BY
  ///   - targets: the items of the select list, which numbers and names in GROUP BY mean
  ///   - others: HAVING and ORDER BY
  ///   - stars: the columns that `*` gave
  func checkGrouping(
    by groups: [SyntaxNode], targets: [SyntaxNode], _ others: [SyntaxNode], stars: [Int]
  ) {
    let named = groups.flatMap(Self.items(ofGroup:)).map { group in
      Self.target(of: group, in: targets).flatMap { target in
        // A column of the relations goes before a name of the select list.
        expression(group, isNoted: false).attribute == nil ? target : nil
      } ?? group
    }
    let syntax = Set(named.map(\.withoutPlaces))
    let grouped = Set(named.compactMap { expression($0, isNoted: false).attribute })
    let all = grouped.union(grouped.flatMap(rows.sameAs))
    for group in named { checkFunctions(in: group, of: "GROUP BY") }
    if let hidden = stars.first(where: {
      !grouped.contains($0) && !isDetermined($0, by: grouped, orAnyOf: all)
    }) {
      analyzer.note(
        .ungroupedColumn(scope.attributes[hidden].name), at: targets.compactMap(\.starPlace).first)
    }
    func check(_ node: SyntaxNode) {
      guard let (kind, fields) = node.node else { return }
      if syntax.contains(node.withoutPlaces) { return }
      switch kind {
      case "ColumnRef":
        guard let attribute = expression(node, isNoted: false).attribute else { return }
        if !grouped.contains(attribute), !isDetermined(attribute, by: grouped, orAnyOf: all) {
          analyzer.note(.ungroupedColumn(fields["fields"].names.joined(separator: ".")), at: fields.location)
        }
      case "FuncCall" where fields.isAggregate && fields["over"].isNull: return
      // A subquery may name grouped columns of this query, which is not looked at.
      case "SubLink": fields["testexpr"].node.map { _ in check(fields["testexpr"]) }
      default: for inner in fields.inner { check(inner) }
      }
    }
    for node in targets.map({ $0["val"] }) + others { check(node) }
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

  /// What a number or a name in GROUP BY means.
  private static func target(of group: SyntaxNode, in targets: [SyntaxNode]) -> SyntaxNode? {
    if let index = position(group) { return targets.indices.contains(index) ? targets[index]["val"] : nil }
    guard let name = bareName(group) else { return nil }
    return targets.first { ($0["name"].string ?? defaultName(of: $0["val"])) == name }?["val"]
  }
}

extension SyntaxNode {
  /// Of an item of the select list: where its `*` stands; nil when it is none.
  fileprivate var starPlace: Int? {
    guard let column = self["val"].node("ColumnRef"), column["fields"].list.last?.node("A_Star") != nil else {
      return nil
    }
    return column.location
  }
}
