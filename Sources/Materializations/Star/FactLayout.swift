import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A fact's table: which columns come from its SQL, which are keys to dimensions, and how each key is found.
struct FactLayout {
  struct Lookup {
    var edge: Fact.Edge
    var target: Star.Target
    /// The declaration of a dimension; nil for one that no source describes.
    var dimension: Dimension?
    /// The declaration of a junk dimension, to which the fact adds the combinations that it meets.
    var junk: JunkDimension?
    var relation: RelationName
    /// The alias of the joined dimension: `d1`.
    var alias: String
    /// Columns of the fact's SQL with the natural key.
    var key: [ColumnDescription]
    /// The column of the fact's SQL that says at which time; nil when the dimension has no versions.
    var asOf: String?
    var foreignKey: String
    /// Of the key to a mini-dimension that comes with one to its dimension: where the dimension was found. Such a key
    /// is looked up in the mini-dimension's history.
    var through: String?
    var isMini: Bool { through != nil }
    /// The column with the durable key; nil when the dimension has none.
    var durableForeignKey: String? { target.durableKey.map(edge.foreignKey) }
  }

  /// A column that is computed from others.
  struct Derived {
    var name: String
    var type: String
    /// Over `s`, a row of the fact's SQL.
    var value: String
  }

  let fact: Fact
  let dialect: Dialect
  let target: RelationName
  let ledger: RelationName
  let lookups: [Lookup]
  /// Columns of the SQL that stay in the table, in order.
  let kept: [ColumnDescription]
  let grain: [ColumnDescription]
  /// Columns after those of the SQL.
  let derived: [Derived]
  /// nil unless the fact is an accumulating snapshot.
  let lags: FactLags?
  /// nil unless measures of a header are shared out.
  let allocation: FactAllocation?
  /// nil unless loads leave a row in an audit dimension.
  let trail: AuditTrail?
  /// A query around the user's SQL, whose columns are then the input's.
  var frame: (opening: String, closing: String)?
  /// What is asked of `whc_stage` before anything is made of it.
  var stageAudits: [Plan.Audit] = []

  /// - Throws: what is wrong between the declaration, the dimensions and the columns of the query.
  init(_ fact: Fact, _ input: PlanInput, star: Star, target: RelationName) throws(DiagnosticsError) {
    self.fact = fact
    self.target = target
    let columns =
      input.queryColumns + (fact.periodic.map { FactPeriods.columns($0, input.existing) } ?? [])
    dialect = input.dialect
    ledger = AsideNames.name(of: target, "__ledger", dialect: input.dialect)
    trail = AuditTrail(input, star: star)
    var problems: [Diagnostic] = []
    func column(_ name: String, _ role: String, at key: String? = nil) -> ColumnDescription? {
      if let found = columns.first(where: { $0.name == name }) { return found }
      let names = input.queryColumns.map(\.name)
      problems.append(
        Diagnostic(
          "unknown-column",
          "\(role) '\(name)' of \(fact.name) is not a column of its SQL", meant: NearMiss(name, among: names),
          at: input.node.span(ofConfig: key ?? role),
          help: "its columns are \(names.joined(separator: ", "))"))
      return nil
    }
    grain = fact.grain.compactMap { column($0, "grain") }
    func time(_ name: String, _ role: String, at key: String? = nil) {
      guard let found = column(name, role, at: key), ![.date, .time, .other].contains(TypeFamily(found.type))
      else { return }
      problems.append(
        Diagnostic(
          "not-a-time", "\(role) '\(name)' of \(fact.name) is of type \(found.type), which is not a time",
          at: input.node.span(ofConfig: key ?? role), help: "cast it to a date or a timestamp in the SQL"))
    }
    for name in fact.degenerate { _ = column(name, "degenerate") }
    for measure in fact.measures { _ = column(measure.name, "measures") }
    for allocation in fact.allocations {
      for name in allocation.header + [allocation.over].compactMap(\.self) { _ = column(name, "allocate") }
    }
    allocation = FactAllocation(fact, input.queryColumns, dialect: input.dialect)
    frame = allocation?.frame
    stageAudits = allocation?.audits(span: input.node.span(ofConfig: "allocate")) ?? []
    if let name = fact.eventTime { time(name, "event_time") }
    for milestone in fact.accumulating?.milestones ?? [] { time(milestone.at, "milestone", at: "milestones") }
    if let name = fact.loadedAt { _ = column(name, "loaded_at") }
    var lookups: [Lookup] = []
    for (index, edge) in fact.edges.enumerated() {
      let place = input.node.span(ofConfig: edge.declaredBy)
      guard let found = star.target(edge, package: input.node.packageName, in: input.manifest),
        let relation = input.manifest.nodes[found.node]?.relation
      else {
        problems.append(
          Diagnostic(
            "unknown-dimension",
            "dimension '\(edge.to.name)' of \(fact.name) is not a dimension of this project",
            at: place))
        continue
      }
      let names = edge.key ?? found.naturalKey
      let key = names.compactMap {
        column($0, edge.declaredBy == "dimensions" ? "key" : edge.declaredBy, at: edge.declaredBy)
      }
      let moment = fact.time(of: edge, in: found)
      if let moment {
        // A time of the fact's own was looked at already.
        if edge.asOf == nil {
          _ = column(moment, "as_of", at: edge.declaredBy)
        } else {
          time(moment, "as_of", at: edge.declaredBy)
        }
      }
      problems += Self.unlikeKeys(names, key, of: edge, found, fact, input, relation)
      if key.count == found.naturalKey.count {
        lookups.append(
          Lookup(
            edge: edge, target: found, dimension: star.dimensions[found.node],
            junk: edge.missing == .error ? nil : star.junkDimensions[found.node], relation: relation,
            alias: "d\(index + 1)", key: key, asOf: moment,
            foreignKey: edge.foreignKey(found.surrogateKey.name)))
        lookups += Self.minis(of: lookups[lookups.count - 1], fact, star, input)
      }
    }
    self.lookups = lookups
    let stays = fact.kept(
      of: input.queryColumns.map(\.name),
      lookups.map { Fact.LookupColumns(key: $0.key.map(\.name), time: $0.asOf) })
    let added = Set(columns.dropFirst(input.queryColumns.count).map(\.name))
    kept = columns.filter { stays.contains($0.name) || added.contains($0.name) }
    lags = fact.accumulating.map { FactLags($0, input.queryColumns, dialect: input.dialect) }
    derived = lags?.derived ?? []
    for column in columns.dropFirst(input.queryColumns.count)
    where input.queryColumns.contains(where: { $0.name == column.name }) {
      problems.append(
        Diagnostic(
          "clashing-column",
          "'\(column.name)' of \(fact.name) is a column of its SQL and one that is added to it",
          at: input.node.span(ofConfig: "fact_type"), help: "rename it in the SQL"))
    }
    for column in derived where kept.contains(where: { $0.name == column.name }) {
      problems.append(
        Diagnostic(
          "clashing-column",
          "'\(column.name)' of \(fact.name) is a column of its SQL and one that is added to it",
          at: input.node.span(ofConfig: "lags"), help: "rename it in the SQL, or give the lag another 'name:'"
        ))
    }
    if let trail, kept.contains(where: { $0.name == trail.column }) {
      problems.append(
        Diagnostic(
          "clashing-column",
          "'\(trail.column)' of \(fact.name) is a column of its SQL and its key to \(trail.audit.name)",
          at: input.node.span(ofConfig: "audit"), help: "rename it in the SQL"))
    }
    for lookup in lookups {
      let place = input.node.span(ofConfig: lookup.edge.declaredBy)
      if kept.contains(where: { [lookup.foreignKey, lookup.durableForeignKey].contains($0.name) }) {
        problems.append(
          Diagnostic(
            "clashing-column",
            "'\(lookup.foreignKey)' of \(fact.name) is a column of its SQL and its key to \(lookup.target.name)",
            at: place, help: "rename it in the SQL, or give the lookup a 'role:'"))
      }
    }
    if !problems.isEmpty { throw DiagnosticsError(problems) }
  }

  /// Key columns that cannot be compared with those of the dimension's table, where that is known.
  private static func unlikeKeys(
    _ names: [String], _ key: [ColumnDescription], of edge: Fact.Edge, _ target: Star.Target, _ fact: Fact,
    _ input: PlanInput, _ relation: RelationName
  ) -> [Diagnostic] {
    guard key.count == target.naturalKey.count, !target.isGenerated, !target.isJunk,
      let columns = input.relations[relation]?.columns
    else { return [] }
    return zip(key, target.naturalKey).compactMap { own, natural in
      guard let other = columns.first(where: { $0.name == natural }) else { return nil }
      let (left, right) = (TypeFamily(own.type), TypeFamily(other.type))
      let times: Set<TypeFamily> = [.date, .time]
      guard left != right, left != .other, right != .other, !times.isSuperset(of: [left, right]) else {
        return nil
      }
      return Diagnostic(
        "key-type-differs",
        "\(own.name) of \(fact.name) is \(own.type), and \(natural) of \(target.name) is \(other.type)",
        at: input.node.span(ofConfig: edge.declaredBy), help: "cast one of them in its SQL")
    }
  }

  var table: String { dialect.render(target) }
  var ledgerTable: String { dialect.render(ledger) }
  func q(_ name: String) -> String { dialect.quote(name) }
  var grainColumns: ColumnList { ColumnList(grain.map(\.name), dialect) }
  var keptColumns: ColumnList { ColumnList(kept.map(\.name), dialect) }
  var foreignKeys: ColumnList { ColumnList(lookups.map(\.foreignKey), dialect) }
  var columns: ColumnList { ColumnList(definitions.map(\.name), dialect) }

  /// Every column with its type, in order.
  var definitions: [(name: String, type: String)] {
    lookups.flatMap { lookup in
      [lookup.foreignKey, lookup.durableForeignKey].compactMap(\.self).map { ($0, lookup.target.keyType) }
    } + kept.map { ($0.name, $0.type) }
      + derived.map { ($0.name, $0.type) } + trailColumns
  }

  /// Every column as it is made from a row `s` of the SQL and what it was joined to, in order.
  var selected: [String] {
    values.map { $0.value == "s.\(q($0.name))" ? $0.value : "\($0.value) as \(q($0.name))" }
  }

  /// The same, the names apart.
  var values: [(name: String, value: String)] {
    lookups.flatMap { lookup in
      let durable = lookup.durableForeignKey.map { ($0, value(lookup, lookup.target.durableKey)) }
      return [(lookup.foreignKey, value(lookup)), durable].compactMap(\.self)
    } + kept.map { ($0.name, "s.\(q($0.name))") } + derived.map { ($0.name, $0.value) }
      + (trail.map { [($0.column, $0.key)] } ?? [])
  }

  private var trailColumns: [(name: String, type: String)] {
    trail.map { [(name: $0.column, type: "bigint")] } ?? []
  }

  /// True for types without an equality.
  static func comparesAsText(_ type: String) -> Bool {
    DimensionLayout.Attribute(name: "", type: type, rule: .overwrite).comparesAsText
  }

  /// Whether there is a ledger beside the table.
  var hasLedger: Bool { !rekeyed.isEmpty || fact.periodic != nil }

  /// Whether an outer join by the grain found no row; a stored grain is never NULL.
  func isMissing(_ alias: String) -> String {
    dialect.kind == .postgres
      ? "\(alias).ctid is null" : "\(alias).\(q(grain.first?.name ?? "")) is null"
  }
  /// The table as a DELETE names it, and the name of its rows there.
  var deleted: (table: String, alias: String) { dialect.deleted(target, "f") }
  /// The same of the ledger.
  var deletedEntries: (table: String, alias: String) { dialect.deleted(ledger, "g") }

  /// Values as the ledger keeps them: an array, or one text of as many parts.
  func entry(_ values: [String]) -> String {
    guard dialect.kind == .redshift else {
      return "array[\(values.map { "\($0)::text" }.joined(separator: ", "))]"
    }
    guard values.count > 1 else { return "cast(\(values.first ?? "null") as \(dialect.longText))" }
    // Each with its length, so that no two lists read the same.
    return values.map {
      let text = "cast(\($0) as \(dialect.longText))"
      return "length(\(text)) || ':' || \(text)"
    }.joined(separator: " || ")
  }
  /// The type of ``entry(_:)``.
  var entryType: String { dialect.kind == .redshift ? dialect.longText : "text[]" }
  /// The only value of an entry, or the first one where there can be more.
  func firstOfEntry(_ alias: String) -> String {
    "\(alias).natural_key" + (dialect.kind == .redshift ? "" : "[1]")
  }

  var infers: Bool {
    lookups.contains { ($0.edge.missing == .infer && $0.dimension != nil) || $0.junk != nil }
  }
  /// Lookups whose result can become another one when the dimension's past changes.
  var rekeyed: [Lookup] { fact.rekey == .off ? [] : lookups.filter { $0.dimension != nil && !$0.isMini } }

  /// Two facts that infer into the same dimensions lock them in one order, whatever order they name them in.
  var inOrderOfLocks: [Lookup] {
    lookups.sorted { dialect.render($0.relation) < dialect.render($1.relation) }
  }

  // MARK: Lookups

  func surrogate(_ lookup: Lookup, _ alias: String) -> String {
    "\(alias).\(q(lookup.target.surrogateKey.name))"
  }

  /// The member's key as it stands in SQL; nil when the dimension has no such member.
  func member(_ name: String, _ lookup: Lookup) -> String? {
    guard let member = lookup.target.members.first(where: { $0.name == name }) else { return nil }
    return lookup.target.keyType == "text" ? "'\(member.key)'" : "\(member.key)"
  }

  /// `s."customer_id" = d1."customer_id"`; the day of a time for a date dimension, the time for one of times.
  func matches(_ lookup: Lookup, _ fact: String, _ dimension: String) -> String {
    guard !lookup.target.isJunk else {
      return JunkKeys.matches(
        zip(lookup.key, lookup.target.naturalKey).map {
          ("\(fact).\(q($0.name))", "\(dimension).\(q($1))", $0.type)
        },
        key: surrogate(lookup, dimension), dialect)
    }
    return zip(lookup.key, lookup.target.naturalKey).map { column, natural in
      let value = "\(fact).\(q(column.name))"
      return CalendarMatch(target: lookup.target, dialect: dialect).condition(value, column.type, dimension)
        ?? "\(value) = \(dimension).\(q(natural))"
    }.joined(separator: " and ")
  }

  /// Whether the version `dimension` holds at the fact's time.
  ///
  /// The last day of a period stands for its last moment, the one before the next day begins.
  func holds(_ lookup: Lookup, _ fact: String, _ dimension: String) -> String? {
    guard let asOf = lookup.asOf, let names = lookup.dimension?.columns else { return nil }
    var time = "\(fact).\(q(asOf))"
    var (since, until) = (">=", "<")
    if self.fact.periodic != nil && asOf == PeriodicSnapshot.endColumn {
      time = "(\(time) + interval '1 day')"
      (since, until) = (">", "<=")
    }
    let open = dialect.kind == .postgres ? "'infinity'" : "'9999-12-31'"
    return "\(time) \(since) \(dimension).\(q(names.validFrom))\n"
      + "    and \(time) \(until) coalesce(\(dimension).\(q(names.validTo)), \(open))"
  }

  /// The rows of a dimension that a lookup joins: all versions, or the newest of each key.
  func source(_ lookup: Lookup) -> String {
    let table = dialect.render(lookup.relation)
    guard lookup.asOf == nil, let dimension = lookup.dimension else { return table }
    let keys = ColumnList(dimension.naturalKey, dialect)
    if dimension.deletes != .invalidate {
      return "(select * from \(table) x where x.\(q(dimension.columns.isCurrent)))"
    }
    let newest = "order by \(keys.of("x")), x.\(q(dimension.columns.validFrom)) desc"
    guard dialect.hasDistinctOn else {
      return
        "(select y.* from (select x.*, row_number() over (partition by \(keys.of("x")) \(newest)) as whc_nth "
        + "from \(table) x) y where y.whc_nth = 1)"
    }
    return "(select distinct on (\(keys.of("x"))) x.* from \(table) x \(newest))"
  }

  func join(_ lookup: Lookup) -> String {
    let time = holds(lookup, "s", lookup.alias).map { "\n    and \($0)" } ?? ""
    let found = lookup.through.map { "\n    and \($0) is not null" } ?? ""
    return
      "left join \(source(lookup)) \(lookup.alias)\n  on \(matches(lookup, "s", lookup.alias))\(time)\(found)"
      + (joinOfKnown(lookup) ?? "")
  }

  /// The natural keys that the dimension has, whatever their time, where a subquery may not stand among the values.
  private func joinOfKnown(_ lookup: Lookup) -> String? {
    guard asksForKnown(lookup), dialect.kind == .redshift else { return nil }
    let natural = ColumnList(lookup.target.naturalKey, dialect)
    let alias = "\(lookup.alias)k"
    return
      "\nleft join (select distinct \(natural.of("k")) from \(dialect.render(lookup.relation)) k) \(alias)\n"
      + "  on \(matches(lookup, "s", alias))"
  }

  /// Whether a key counts as known that the dimension has at another time than the fact's.
  private func asksForKnown(_ lookup: Lookup) -> Bool {
    lookup.edge.missing == .error && lookup.asOf != nil && member(DimensionMember.unknown, lookup) != nil
  }

  /// The foreign key: what was found, or what `missing` says. NULL only where `missing: error` stops the load.
  ///
  /// - Parameter column: what is taken of the dimension; nil for the surrogate key.
  func value(_ lookup: Lookup, _ column: String? = nil) -> String {
    let found = "\(lookup.alias).\(q(column ?? lookup.target.surrogateKey.name))"
    let unknown = member(DimensionMember.unknown, lookup)
    let key = ColumnList(lookup.key.map(\.name), dialect)
    switch lookup.edge.missing {
    case .unknown, .infer, .notApplicable:
      guard let ofNull = lookup.edge.memberOfNull.flatMap({ member($0, lookup) }) else {
        return "coalesce(\(found), \(unknown ?? "null"))"
      }
      return "coalesce(\(found), case when \(key.anyNull("s")) then \(ofNull) else \(unknown ?? "null") end)"
    case .error:
      guard let unknown, asksForKnown(lookup) else { return found }
      let natural = ColumnList(lookup.target.naturalKey, dialect)
      if dialect.kind == .redshift {
        let known = ColumnList(Array(lookup.target.naturalKey.prefix(1)), dialect).of("\(lookup.alias)k")
        return "coalesce(\(found), case when \(known) is not null then \(unknown) end)"
      }
      return "coalesce(\(found), case when (\(key.of("s"))) in (\n"
        + "    select \(natural.of("k")) from \(dialect.render(lookup.relation)) k) then \(unknown) end)"
    }
  }
}
