import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// The older table that a dimension takes over: where it is, and which of its columns is what.
struct TakenTable {
  let declaration: TakeOver
  let relation: RelationName
  let columns: [ColumnDescription]
  /// True when it is a snapshot of dbt's.
  let isSnapshot: Bool
  /// The names that a snapshot's own columns were given.
  private let snapshotNames: [String: String]
  /// Where it is declared.
  let span: SourceSpan
  /// What its last column of validity holds while a version holds, as SQL.
  let openEnd: String?

  /// Where a table of the dimension's own name stays after it was taken over.
  static let suffix = "__taken_over"

  /// The relation that `dimension` takes over, if it does and has not yet.
  static func relation(
    of dimension: Dimension, _ input: PlanInput
  ) -> RelationName? {
    guard let target = input.node.relation,
      input.relations[AsideNames.name(of: target, "__ledger", dialect: input.dialect)] == nil
    else { return nil }
    return origin(of: dimension, input)
  }

  /// Where it stands by now: a table that had the dimension's name is kept aside.
  static func place(of dimension: Dimension, _ input: PlanInput) -> RelationName? {
    guard let origin = origin(of: dimension, input), let target = input.node.relation else { return nil }
    return origin.schema == target.schema && origin.identifier == target.identifier
      ? AsideNames.name(of: target, suffix, dialect: input.dialect) : origin
  }

  private static func origin(of dimension: Dimension, _ input: PlanInput) -> RelationName? {
    // A mini-dimension takes its part from where its base finds the whole.
    let base = input.manifest.nodes[dimension.node] ?? input.node
    guard let taken = dimension.takeOver, let target = base.relation else { return nil }
    switch taken.from {
    case .model: return node(taken, input)?.relation
    case .source(let source, let table):
      return input.manifest.sources.values.first { $0.sourceName == source && $0.name == table }?.relation
    case .relation(let schema, let name):
      return RelationName(
        database: target.database, schema: schema ?? target.schema, identifier: name, quoting: target.quoting)
    }
  }

  private static func node(_ taken: TakeOver, _ input: PlanInput) -> Node? {
    guard case .model(let package, let name) = taken.from else { return nil }
    let named = input.manifest.nodes.values.filter { node in
      node.name == name && [.model, .snapshot, .seed].contains(node.resourceType)
        && (package == nil || node.packageName == package)
    }
    return named.first { $0.packageName == input.node.packageName } ?? named.first
  }

  /// True when it stands where the dimension is to be.
  func isOwn(_ target: RelationName) -> Bool {
    relation.schema == target.schema && relation.identifier == target.identifier
  }

  /// nil when there is nothing to take over, or it was done.
  ///
  /// - Throws: `unknown-take-over`
  init?(_ dimension: Dimension, _ input: PlanInput) throws(DiagnosticsError) {
    guard let declaration = dimension.takeOver, let target = input.node.relation,
      input.relations[AsideNames.name(of: target, "__ledger", dialect: input.dialect)] == nil
    else { return nil }
    try self.init(declaration, dimension, at: Self.origin(of: dimension, input), input)
  }

  /// The same once more, for a rebuild; nil when the dimension takes nothing over.
  ///
  /// - Throws: `unknown-take-over`
  init?(again dimension: Dimension, _ input: PlanInput) throws(DiagnosticsError) {
    guard let declaration = dimension.takeOver else { return nil }
    try self.init(declaration, dimension, at: Self.place(of: dimension, input), input)
  }

  /// The part of it that is the history of a mini-dimension; nil when there is nothing to take over, or it was done.
  ///
  /// - Parameter columns: those that the mini-dimension has of `base`
  /// - Throws: `unknown-take-over`
  init?(
    of base: Dimension, only columns: [String], for history: RelationName, _ input: PlanInput
  ) throws(DiagnosticsError) {
    guard var declaration = base.takeOver, input.relations[history] == nil else { return nil }
    let known = Set(base.naturalKey + columns + ["valid_from", "valid_to", "is_deleted"])
    declaration.columns = declaration.columns.filter { known.contains($0.key) }
    try self.init(declaration, base, at: Self.origin(of: base, input), input)
  }

  /// Where a mini-dimension of `base` finds its history, for as long as it has none.
  static func relation(
    of base: Dimension, for history: RelationName, _ input: PlanInput
  ) -> RelationName? {
    input.relations[history] == nil ? origin(of: base, input) : nil
  }

  private init(
    _ declaration: TakeOver, _ dimension: Dimension, at place: RelationName?, _ input: PlanInput
  ) throws(DiagnosticsError) {
    span = (input.manifest.nodes[dimension.node] ?? input.node).span(ofConfig: "take_over")
    guard let relation = place, let columns = input.relations[relation]?.columns, !columns.isEmpty else {
      let name = place.map { input.dialect.render($0) }
      throw DiagnosticsError(
        Diagnostic(
          "unknown-take-over",
          name.map { "\($0), which \(dimension.name) takes over, does not exist" }
            ?? "what \(dimension.name) takes over is not in the project", at: span,
          help: "correct 'take_over', or leave it out where there is nothing to take over"))
    }
    self.declaration = declaration
    self.relation = relation
    self.columns = columns
    let node = Self.node(declaration, input)
    let given = node?.config["snapshot_meta_column_names"]?.mapping ?? [:]
    var names: [String: String] = [:]
    for name in ["dbt_valid_from", "dbt_valid_to", "dbt_is_deleted"] {
      names[name] = given[name]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? name
    }
    snapshotNames = names
    isSnapshot =
      node?.resourceType == .snapshot
      || columns.contains { $0.name == "dbt_scd_id" } && columns.contains { $0.name == "dbt_valid_from" }
    openEnd =
      declaration.openEnd.map(input.dialect.literal)
      ?? (node?.resourceType == .snapshot ? node?.config["dbt_valid_to_current"]?.string : nil)
  }

  /// The gaps' meaning where the declaration says nothing of them.
  var gaps: TakeOver.Gaps { declaration.gaps ?? (isSnapshot ? .keep : .error) }

  /// The column of the older table that is `role`, one of ``TakeOver/roles``; nil when there is none.
  func role(_ role: String, _ dimension: Dimension) -> ColumnDescription? {
    if let name = declaration.columns[role] { return column(name) }
    if isSnapshot, let name = snapshotNames["dbt_" + role], let found = column(name) { return found }
    let names = dimension.columns
    let own: String? =
      switch role {
      case "valid_from": names.validFrom
      case "valid_to": names.validTo
      case "is_deleted": names.isDeleted
      case "surrogate_key": dimension.surrogateKey.name
      default: dimension.durableKey
      }
    return own.flatMap { column($0) }
  }

  /// The one that is the dimension's column `name`.
  func column(of name: String) -> ColumnDescription? { column(declaration.columns[name] ?? name) }

  private func column(_ name: String) -> ColumnDescription? { columns.first { $0.name == name } }

  /// What is wrong between the declaration and the columns that are there.
  func problems(_ layout: DimensionLayout, _ input: PlanInput) -> [Diagnostic] {
    let dimension = layout.dimension
    let names = columns.map(\.name)
    let table = layout.dialect.render(relation)
    var found: [Diagnostic] = []
    func lacks(_ what: String, _ name: String, _ help: String) {
      found.append(
        Diagnostic(
          "take-over-column",
          "\(table) has no column '\(name)' for \(what) of \(dimension.name)",
          meant: NearMiss(name, among: names), at: span, help: help))
    }
    let known =
      TakeOver.roles + layout.key.map(\.name) + layout.attributeNames + dimension.splitColumns.sorted()
    for (name, old) in declaration.columns {
      if !known.contains(name) {
        found.append(
          Diagnostic(
            "take-over-column",
            "'\(name)' in take_over.columns of \(dimension.name) is no column of it",
            meant: NearMiss(name, among: known), at: span,
            help: "on the left stand columns of the SQL, or \(TakeOver.roles.joined(separator: ", "))"))
      } else if column(old) == nil {
        lacks("'\(name)'", old, "its columns are \(names.joined(separator: ", "))")
      }
    }
    let correct = "name it in 'take_over: {columns: …}'; the columns are \(names.joined(separator: ", "))"
    for key in layout.key where declaration.columns[key.name] == nil && column(key.name) == nil {
      lacks("the natural key", key.name, correct)
    }
    if role("valid_from", dimension) == nil && declaration.columns["valid_from"] == nil {
      lacks("the beginning of its versions", dimension.columns.validFrom, correct)
    }
    found += types(layout, table, span)
    return found
  }

  private func types(_ layout: DimensionLayout, _ table: String, _ span: SourceSpan) -> [Diagnostic] {
    var pairs = (layout.key + layout.attributes.map { ColumnDescription(name: $0.name, type: $0.type) })
      .compactMap { new in column(of: new.name).map { (old: $0, type: new.type) } }
    for name in ["surrogate_key", "durable_key"] {
      if let old = role(name, layout.dimension) { pairs.append((old, layout.surrogateType)) }
    }
    let unfit = pairs.filter { TypeChange(from: $0.old.type, to: $0.type, layout.dialect) == .impossible }
    let times = ["valid_from", "valid_to"].compactMap { role($0, layout.dimension) }.filter {
      $0.type != "date" && !$0.type.hasPrefix("timestamp")
    }
    return (unfit + times.map { ($0, layout.timeType) }).map { old, type in
      Diagnostic(
        "take-over-type",
        "column '\(old.name)' of \(table) is \(old.type), and \(layout.dimension.name) has \(type) in its place",
        at: span, help: "take a view over that casts it, or cast the column in the dimension's SQL")
    }
  }

  /// Attributes that the older table has not: their past is NULL.
  func missing(_ layout: DimensionLayout) -> [String] {
    layout.attributeNames.filter { declaration.columns[$0] == nil && column($0) == nil }
  }
}
