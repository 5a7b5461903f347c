import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A dimension's table: which columns it has, of which types, and what each is for.
struct DimensionLayout {
  struct Attribute {
    var name: String
    var type: String
    /// Type 3 is type 1 with ``hasPrevious``.
    var rule: SCDType
    /// True when the value before the last change stands in a column beside it.
    var hasPrevious = false
    /// Types without an equality are compared as text.
    var comparesAsText: Bool { Self.incomparable.contains(type) }

    private static let incomparable: Set<String> = [
      "json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "txid_snapshot",
    ]
  }

  let dimension: Dimension
  let dialect: Dialect
  let target: RelationName
  let ledger: RelationName
  let key: [ColumnDescription]
  let attributes: [Attribute]
  /// The type of `valid_from` and `valid_to`.
  let timeType: String
  let hasInferred: Bool
  let outriggers: [OutriggerKeys.Key]
  /// Columns that whoever loads the table fills by itself.
  let carries: [(name: String, type: String)]
  /// The one among them that leads to the load that wrote a row last.
  var auditColumn: String?

  /// - Throws: what is wrong between the declaration and the columns of the query.
  init(
    _ dimension: Dimension, _ input: PlanInput, target: RelationName, hasInferred: Bool, star: Star? = nil,
    carries: [(name: String, type: String)] = []
  ) throws(DiagnosticsError) {
    self.carries = carries
    self.dimension = dimension
    self.hasInferred = hasInferred || dimension.columns.exists(\.isInferred, in: input.existing)
    self.target = target
    dialect = input.dialect
    ledger = AsideNames.name(of: target, "__ledger", dialect: input.dialect)
    var problems: [Diagnostic] = []
    func column(_ name: String, _ role: String) -> ColumnDescription? {
      if let found = input.queryColumns.first(where: { $0.name == name }) { return found }
      let names = input.queryColumns.map(\.name)
      problems.append(
        Diagnostic(
          "unknown-column",
          "\(role) '\(name)' of \(dimension.name) is not a column of its SQL",
          meant: NearMiss(name, among: names), at: input.node.span(ofConfig: role),
          help: "its columns are \(names.joined(separator: ", "))"))
      return nil
    }
    key = dimension.naturalKey.compactMap { column($0, "natural_key") }
    let time = dimension.effectiveAt.flatMap { column($0, "effective_at") }
    let code = dimension.operation.flatMap { column($0.column, "operation") }
    let end = dimension.operation?.at.flatMap { column($0, "operation") }
    if let end, !end.type.hasPrefix("timestamp"), end.type != "date" {
      problems.append(
        Diagnostic(
          "effective-at-not-a-time",
          "operation.at '\(end.name)' of \(dimension.name) is of type \(end.type), which is not a time",
          at: input.node.span(ofConfig: "operation"), help: "cast it to a date or a timestamp in the SQL"))
    }
    for name in dimension.columnTypes.keys { _ = column(name, "scd_type") }
    switch time?.type {
    case nil, "timestamp with time zone": timeType = "timestamp with time zone"
    // A deletion is known to the microsecond, so a history by days is kept by timestamps.
    case "date", "timestamp without time zone": timeType = "timestamp without time zone"
    case let other? where other.hasPrefix("timestamp"):
      timeType =
        other.hasSuffix("with time zone") ? "timestamp with time zone" : "timestamp without time zone"
    case let other?:
      timeType = other
      problems.append(
        Diagnostic(
          "effective-at-not-a-time",
          "effective_at '\(time?.name ?? "")' of \(dimension.name) is of type \(other), which is not a time",
          at: input.node.span(ofConfig: "effective_at"), help: "cast it to a date or a timestamp in the SQL"))
    }
    let special = Set(dimension.naturalKey + [time?.name, code?.name, end?.name].compactMap(\.self))
      .union(dimension.splitColumns)
    attributes = input.queryColumns.filter { !special.contains($0.name) }.map {
      let rule = dimension.type(of: $0.name)
      return Attribute(
        name: $0.name, type: $0.type, rule: rule == .previousValue ? .overwrite : rule,
        hasPrevious: rule == .previousValue)
    }
    problems += Self.strangeValues(
      of: dimension.members, in: attributes.map(\.name), dimension.name,
      at: input.node.span(ofConfig: "members"))
    let known = input.queryColumns.filter { !dimension.splitColumns.contains($0.name) }
    outriggers = star.map { OutriggerKeys.keys(of: dimension, $0, input, known, &problems) } ?? []
    let added = Set(
      [dimension.surrogateKey.name, dimension.durableKey].compactMap(\.self) + systemColumns.map(\.name)
        + attributes.filter { $0.rule == .hybrid }.map { Self.currentName(of: $0.name) }
        + outriggers.map(\.column) + carries.map(\.name)
        + attributes.filter(\.hasPrevious).map { PreviousValues.name(of: $0.name) })
    for name in key.map(\.name) + attributes.map(\.name) where added.contains(name) {
      problems.append(
        Diagnostic(
          "clashing-column",
          "'\(name)' of \(dimension.name) is a column of its SQL and one that is added to it",
          at: input.node.span(ofConfig: "materialized"),
          help: "rename it in the SQL, or the added one with 'surrogate_key' or 'system_columns'"))
    }
    if !problems.isEmpty { throw DiagnosticsError(problems) }
  }

  /// Values of members for columns that there are not.
  static func strangeValues(
    of members: [DimensionMember], in columns: [String], _ name: String, at span: SourceSpan?
  ) -> [Diagnostic] {
    members.flatMap { member in
      member.values.keys.filter { !columns.contains($0) }.map { column in
        Diagnostic(
          "unknown-column",
          "member \(member.name) of \(name) has a value for '\(column)', which is none of its attributes",
          meant: NearMiss(column, among: columns), at: span,
          help: "its attributes are \(columns.joined(separator: ", "))")
      }
    }
  }

  /// The copy of a type 6 attribute that holds the latest value.
  static func currentName(of attribute: String) -> String { "current_" + attribute }

  // MARK: Groups of columns

  var keys: ColumnList { ColumnList(key.map(\.name), dialect) }
  var attributeNames: [String] { attributes.map(\.name) }
  var tracked: [Attribute] { attributes.filter(\.rule.makesVersions) }
  var overwritten: [Attribute] { attributes.filter { $0.rule == .overwrite } }
  var retained: [Attribute] { attributes.filter { $0.rule == .retainOriginal } }
  var hybrid: [Attribute] { attributes.filter { $0.rule == .hybrid } }

  /// Attributes of type 3.
  var withPrevious: [Attribute] { attributes.filter(\.hasPrevious) }

  var hasDeleted: Bool { dimension.hasDeletedColumn }
  var hasEffective: Bool { dimension.effectiveAt != nil }
  /// Whether `valid_from` can differ from the source's time, which is then kept aside.
  var hasStated: Bool {
    hasEffective
      && (dimension.firstVersionFrom == .always || hasInferred
        || dimension.input == .snapshot
          && (dimension.deletes == .invalidate || dimension.deletes == .newRecord))
  }

  /// As the server spells it.
  var surrogateType: String {
    dimension.surrogateKey.method == .integer ? "bigint" : dialect.canonicalType("text")
  }

  private var systemColumns: [(name: String, type: String)] {
    let names = dimension.columns
    var columns = [(names.validFrom, timeType + " not null"), (names.validTo, timeType)]
    columns.append((names.isCurrent, "boolean not null"))
    if hasInferred { columns.append((names.isInferred, "boolean not null default false")) }
    if hasDeleted { columns.append((names.isDeleted, "boolean not null default false")) }
    if hasStated { columns.append((names.statedAt, timeType)) }
    return columns.map { (name: $0.0, type: $0.1) }
  }

  /// Every column of a new table with its definition, in order.
  var definitions: [(name: String, type: String)] {
    [(dimension.surrogateKey.name, surrogateType + " not null")]
      + (dimension.durableKey.map { [($0, surrogateType)] } ?? [])
      + key.map { ($0.name, dialect.columnType($0.type)) }
      + attributes.map { ($0.name, dialect.columnType($0.type)) }
      + hybrid.map { (Self.currentName(of: $0.name), dialect.columnType($0.type)) }
      + withPrevious.map { (PreviousValues.name(of: $0.name), dialect.columnType($0.type)) }
      + outriggers.map { ($0.column, $0.type) } + carries + systemColumns
  }

  /// Columns of the table that the SQL gave once and gives no more. Those that the compiler added for other reasons are
  /// none of them.
  func lostColumns(_ input: PlanInput) -> [String] {
    let names = dimension.columns
    let own = Set(
      definitions.map(\.name) + [
        names.validFrom, names.validTo, names.isCurrent, names.isInferred, names.isDeleted, names.statedAt,
      ])
    let stays = Set(attributeNames.flatMap { [Self.currentName(of: $0), PreviousValues.name(of: $0)] })
    return (input.existing?.columns ?? []).map(\.name).filter { !own.contains($0) && !stays.contains($0) }
  }

  /// The table's columns after the load, those among them that the SQL gives no more.
  func columnsAfter(_ input: PlanInput) -> [String] {
    let known = definitions.map(\.name)
    let gone = dimension.schemaChanges.droppedColumns == .drop ? lostColumns(input) : []
    return known
      + (input.existing?.columns ?? []).map(\.name).filter { !known.contains($0) && !gone.contains($0) }
  }

  /// What a version holds apart from its surrogate key, natural key and times.
  var valueColumns: [String] { attributeNames + hybrid.map { Self.currentName(of: $0.name) } }

  // MARK: Words of the statements

  var table: String { dialect.render(target) }
  var ledgerTable: String { dialect.render(ledger) }
  func q(_ name: String) -> String { dialect.quote(name) }
  var surrogate: String { q(dimension.surrogateKey.name) }
  var validFrom: String { q(dimension.columns.validFrom) }
  var validTo: String { q(dimension.columns.validTo) }
  var isCurrent: String { q(dimension.columns.isCurrent) }
  var isInferred: String { q(dimension.columns.isInferred) }
  var isDeleted: String { q(dimension.columns.isDeleted) }
  var statedAt: String { q(dimension.columns.statedAt) }

  /// A temporary table of the load, `whc_<name>`.
  func temp(_ name: String) -> String { dialect.temporary("whc_" + name) }
  /// The moment at which this run detects what it detects: one for the whole run, taken under the lock.
  var now: String { "(select at from \(temp("run")))" }
  /// What tells a row of the table from all others while a load writes it: its place, or, where rows have none that a
  /// statement knows, its key.
  func row(_ alias: String) -> String { dialect.hasRowPlaces ? "\(alias).ctid" : "\(alias).\(surrogate)" }
  var rowType: String { dialect.hasRowPlaces ? "tid" : surrogateType }
  /// The table's columns with ``row(_:)`` among them.
  var wholeRow: String { dialect.hasRowPlaces ? "ctid, *" : "*" }
  var earliest: String {
    "'\(dialect.kind == .redshift ? "1900-01-01" : "-infinity")'::\(timeType)"
  }
  var open: String {
    dimension.openEnd.map { "\(dialect.literal($0))::\(timeType)" } ?? "null::\(timeType)"
  }

  func inferred(_ alias: String) -> String { hasInferred ? "\(alias).\(isInferred)" : "false" }
  func deleted(_ alias: String) -> String { hasDeleted ? "\(alias).\(isDeleted)" : "false" }
  /// The source's time of a stored version.
  func stated(_ alias: String) -> String {
    hasStated ? "coalesce(\(alias).\(statedAt), \(alias).\(validFrom))" : "\(alias).\(validFrom)"
  }
  /// Where a stored version stands among the others: its beginning, or its source's time when it is made to hold
  /// since ever.
  func position(_ alias: String) -> String {
    hasStated
      ? "case when \(alias).\(validFrom) = \(earliest) and "
        + dialect.isNotTrue("\(stated(alias)) >= \(alias).\(validTo)")
        + "\n    then \(stated(alias)) else \(alias).\(validFrom) end"
      : "\(alias).\(validFrom)"
  }

  /// Stands in the SET of an UPDATE where nothing else tells that the load wrote a row: its key is taken from it until
  /// the load gives it its own.
  var touch: String {
    guard let auditColumn, !dialect.hasRowPlaces else { return "" }
    return ", \(q(auditColumn)) = null"
  }

  /// `and d."customer_key" not in (-1, -2)`, or nothing.
  func notMember(_ alias: String) -> String {
    dimension.members.isEmpty ? "" : " and \(alias).\(surrogate) not in (\(memberKeys))"
  }

  /// The members' surrogate keys as literals.
  var memberKeys: String { dimension.members.map { memberKey($0) }.joined(separator: ", ") }
  func memberKey(_ member: DimensionMember) -> String {
    dimension.surrogateKey.method == .integer ? "\(member.key)" : "'\(member.key)'"
  }

  /// nil unless something is of type 7.
  var durableKey: DurableKey? {
    DurableKey(dimension, table: table, ledger: ledgerTable, dialect: dialect)
  }

  /// The value of an attribute as one that can be compared.
  func comparable(_ attribute: Attribute, _ value: String) -> String {
    // A value of SUPER is compared as it is written.
    if dialect.kind == .redshift, attribute.type == "super" { return "json_serialize(\(value))" }
    return attribute.comparesAsText ? "\(value)::text" : value
  }

  /// The attributes as values that can be compared.
  func comparable(_ attributes: [Attribute], _ alias: String) -> [String] {
    attributes.map { comparable($0, "\(alias).\(q($0.name))") }
  }

  /// Whether all attributes of two rows are the same.
  func same(_ attributes: [Attribute], _ left: String, _ right: String) -> String {
    dialect.areSame(comparable(attributes, left), comparable(attributes, right))
  }

  /// `l."a" is distinct from r."a" or …`; `false` when there are none.
  func differ(_ attributes: [Attribute], _ left: String, _ right: String) -> String {
    guard !attributes.isEmpty else { return "false" }
    return zip(comparable(attributes, left), comparable(attributes, right)).map {
      dialect.isDistinct($0, $1)
    }.joined(separator: "\n    or ")
  }

  /// The surrogate key of a row that is stored now, the rows being numbered in `order`.
  func newKey(_ alias: String, from: String, order: String = "") -> String {
    NewKey(dimension: dimension, table: table, ledger: ledgerTable, dialect: dialect)
      .expression(alias, from: from, order: order)
  }
}

extension Dimension.SystemColumns {
  fileprivate func exists(_ path: KeyPath<Self, String>, in state: RelationState?) -> Bool {
    state?.columns?.contains { $0.name == self[keyPath: path] } ?? false
  }
}
