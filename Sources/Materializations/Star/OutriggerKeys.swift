import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// The keys to other dimensions that a dimension's own rows carry, brought up to date after every load.
///
/// They follow from what stands in the two tables, so nothing is remembered of them and nothing makes a version.
struct OutriggerKeys {
  /// One column of keys.
  struct Key {
    var column: String
    var type: String
    var target: Star.Target
    /// The declaration of the other dimension; nil for one without versions of any kind.
    var dimension: Dimension?
    var relation: RelationName
    /// Columns of the dimension's SQL that hold the other's natural key.
    var natural: [ColumnDescription]
    var at: Outrigger.At
    var missing: Outrigger.Missing
  }

  let layout: DimensionLayout

  /// The columns of keys of `dimension`: its outriggers, then the present combinations of its mini-dimensions.
  ///
  /// - Parameter columns: those of the SQL that stay in the dimension.
  static func keys(
    of dimension: Dimension, _ star: Star, _ input: PlanInput, _ columns: [ColumnDescription],
    _ problems: inout [Diagnostic]
  ) -> [Key] {
    var keys: [Key] = []
    for edge in dimension.outriggers {
      let place = input.node.span(ofConfig: "outriggers")
      guard let target = star.target(edge.to, package: input.node.packageName, in: input.manifest),
        let relation = input.manifest.nodes[target.node]?.relation
      else {
        problems.append(
          Diagnostic(
            "unknown-dimension",
            "dimension '\(edge.to.name)' of \(dimension.name) is not a dimension of this project", at: place))
        continue
      }
      let names = columns.map(\.name)
      let natural = (edge.key ?? target.naturalKey).compactMap { name -> ColumnDescription? in
        if let found = columns.first(where: { $0.name == name }) { return found }
        problems.append(
          Diagnostic(
            "unknown-column",
            "key '\(name)' of \(dimension.name) to \(target.name) is not a column of its SQL",
            meant: NearMiss(name, among: names), at: place,
            help: "its columns are \(names.joined(separator: ", "))"))
        return nil
      }
      guard natural.count == target.naturalKey.count else { continue }
      keys.append(
        Key(
          column: edge.foreignKey(target.surrogateKey.name), type: target.keyType, target: target,
          dimension: star.dimensions[target.node], relation: relation, natural: natural,
          at: edge.at ?? (target.isVersioned && dimension.isVersioned ? .validFrom : .current),
          missing: edge.missing))
    }
    for (split, mini, target) in star.minis(of: dimension.node, input.manifest) {
      guard let current = split.currentKey?.name(mini.surrogateKey.name),
        let relation = input.manifest.nodes[mini.node]?.relation
      else { continue }
      keys.append(
        Key(
          column: current, type: target.keyType, target: target, dimension: dimension.history(of: mini),
          relation: MiniDimensionTable.history(of: relation, input.dialect),
          natural: dimension.naturalKey.compactMap { name in columns.first { $0.name == name } },
          at: .current, missing: .unknown))
    }
    return keys
  }

  private var l: DimensionLayout { layout }
  private var keys: [Key] { layout.outriggers }

  func add(to draft: inout PlanDraft) {
    guard !keys.isEmpty else { return }
    draft.add(.change, update)
    for key in keys where key.missing == .error { draft.steps.append(.audit(unknown(key, draft.input))) }
  }

  private var update: String {
    let names = keys.map { l.q($0.column) }
    let joins = keys.enumerated().map { index, key in join(key, "o\(index + 1)") }.joined(separator: "\n  ")
    let values = keys.enumerated().map { index, key in "\(value(key, "o\(index + 1)")) as whc_\(index + 1)" }
    let sets = names.enumerated().map { "\($1) = n.whc_\($0 + 1)" }
    let differs = names.enumerated().map { l.dialect.isDistinct("d.\($1)", "n.whc_\($0 + 1)") }
    return """
      update \(l.table) d
      set \(sets.joined(separator: ", "))\(l.touch)
      from (
        select \(l.row("v")) as whc_tid, \(values.joined(separator: ",\n    "))
        from \(l.table) v
        \(joins)
      ) n
      where \(l.row("d")) = n.whc_tid and (\(differs.joined(separator: " or ")))
      """
  }

  /// The time at which a version looks: its beginning, of one that holds since ever the source's time.
  private var time: String {
    l.hasStated
      ? "case when v.\(l.validFrom) = \(l.earliest) then \(l.stated("v")) else v.\(l.validFrom) end"
      : "v.\(l.validFrom)"
  }

  private func join(_ key: Key, _ alias: String) -> String {
    let matches = zip(key.natural, key.target.naturalKey).map { column, natural in
      let value = "v.\(l.q(column.name))"
      return CalendarMatch(target: key.target, dialect: l.dialect).condition(value, column.type, alias)
        ?? "\(value) = \(alias).\(l.q(natural))"
    }.joined(separator: " and ")
    var holds = ""
    if key.at == .validFrom, let names = key.dimension?.columns {
      holds = "\n    and \(time) >= \(alias).\(l.q(names.validFrom))"
      let end = "\(alias).\(l.q(names.validTo))"
      holds +=
        l.dialect.kind == .postgres
        ? "\n    and \(time) < coalesce(\(end), 'infinity')"
        : "\n    and (\(end) is null or \(time) < \(end))"
    }
    return "left join \(source(key)) \(alias) on \(matches)\(holds)"
  }

  /// All versions, or the newest of each member.
  private func source(_ key: Key) -> String {
    let table = l.dialect.render(key.relation)
    guard key.at == .current, let dimension = key.dimension else { return table }
    let natural = ColumnList(dimension.naturalKey, l.dialect)
    let columns = ColumnList(dimension.naturalKey + [key.target.surrogateKey.name], l.dialect)
    let newest = l.dialect.firstOfEach(
      natural.of("x"), columns.values(of: "x"), from: "\(table) x",
      orderedBy: "x.\(l.q(dimension.columns.validFrom)) desc")
    return "(\n  \(newest)\n  )"
  }

  /// A column of keys, apart from the rows of members.
  struct Link {
    var column: String
    var relation: RelationName
    var target: NodeID
    /// Joins the other dimension to rows `v`.
    var join: String
    var value: String
    var mustBeFound: Bool
    /// Of the dimension's own members, by their names.
    var members: [String: String]
  }

  var links: [Link] {
    keys.enumerated().map { index, key in
      let alias = "o\(index + 1)"
      let unknown = member(DimensionMember.unknown, key) ?? "null"
      return Link(
        column: key.column, relation: key.relation, target: key.target.node, join: join(key, alias),
        value: found(key, alias), mustBeFound: key.missing == .error,
        members: Dictionary(
          l.dimension.members.map { ($0.name, member($0.name, key) ?? unknown) },
          uniquingKeysWith: { first, _ in first }))
    }
  }

  /// What was found, or a member; a member row leads to the other dimension's member of the same name, unless
  /// somebody gave it another key.
  private func value(_ key: Key, _ alias: String) -> String {
    let unknown = member(DimensionMember.unknown, key)
    let value = found(key, alias)
    let members = l.dimension.members.map { own in
      "when \(l.memberKey(own)) then coalesce(v.\(l.q(key.column)), \(member(own.name, key) ?? unknown ?? "null"))"
    }
    guard !members.isEmpty else { return value }
    return "case v.\(l.surrogate) \(members.joined(separator: " ")) else \(value) end"
  }

  /// The same of rows that are no members.
  private func found(_ key: Key, _ alias: String) -> String {
    let found = "\(alias).\(l.q(key.target.surrogateKey.name))"
    let unknown = member(DimensionMember.unknown, key) ?? "null"
    switch key.missing {
    case .unknown: return "coalesce(\(found), \(unknown))"
    case .notApplicable:
      let isNull = ColumnList(key.natural.map(\.name), l.dialect).anyNull("v")
      let other = member(DimensionMember.notApplicable, key) ?? "null"
      return "coalesce(\(found), case when \(isNull) then \(other) else \(unknown) end)"
    case .error: return found
    }
  }

  private func member(_ name: String, _ key: Key) -> String? {
    guard let member = key.target.members.first(where: { $0.name == name }) else { return nil }
    return key.target.keyType == "text" ? "'\(member.key)'" : "\(member.key)::\(key.type)"
  }

  private func unknown(_ key: Key, _ input: PlanInput) -> Plan.Audit {
    Plan.Audit(
      "missing-dimension-row",
      "rows of \(l.dimension.name) have a key that \(key.target.name) does not know",
      help: "'missing: unknown' keys them to the unknown member",
      span: input.node.span(ofConfig: "outriggers"),
      query: """
        select count(*) over () as rows, \(l.keys.of("d")), \(ColumnList(key.natural.map(\.name), l.dialect).of("d"))
        from \(l.table) d
        where d.\(l.q(key.column)) is null and not \(l.inferred("d"))\(l.notMember("d"))
        order by \(l.keys.of("d"))
        limit 5
        """)
  }
}
