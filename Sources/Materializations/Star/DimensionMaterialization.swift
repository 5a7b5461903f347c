public import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A dimension with its history: new, changed and deleted members of the source become versions.
///
/// Everything happens in one transaction under a lock: the input is read once, compared, audited, the
/// differences written in place, the invariants asked of the result. Keys with one new version after their
/// newest (nearly all) take a short way; the others have their whole chain of versions made anew and compared
/// with what is stored, so that only real differences are written.
public struct DimensionMaterialization: Materialization {
  public static let name = "dimension"

  public init() {}

  public var gatesByDefault: Bool { true }

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.ownColumns = input.existing != nil
    needs.queryColumns = true
    needs.storageOf = StarDesign.asksFor([input.existing?.name], input)
    needs.queryEffort = input.dialect.hasProceduralStatements
    needs.dependents = input.existing != nil && input.dialect.kind == .postgres
    if let target = input.node.relation {
      let recorded = AsideNames.name(of: target, RecordedRows.suffix, dialect: input.dialect)
      if input.relations[recorded] != nil { needs.columnsOf = [recorded] }
    }
    if let dimension = Dimension.decode(input.node).value {
      if input.flags.rebuild {
        needs.columnsOf += DimensionRebuild.columnsNeeded(dimension, input)
      } else if let taken = TakenTable.relation(of: dimension, input) {
        needs.columnsOf.append(taken)
      }
    }
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    if input.flags.rebuild { return try DimensionRebuild(input).plan() }
    let given = input
    var input = input
    let taken = try Dimension.decode(input.node).value.flatMap { (dimension) throws(DiagnosticsError) in
      try TakenTable(dimension, given)
    }
    let isOwn = try taken?.isOwn(input.target()) ?? false
    if isOwn { try DimensionRebuild.refuse("'take_over' of a table of the dimension's own name", on: input) }
    if isOwn, input.existing?.kind == .table {
      // What stands in its place is another table, which goes out of the way.
      input.existing = nil
      input.dependents = []
    }
    let layout = try DimensionMaterialization.layout(input)
    var draft = try PlanDraft(input)
    if let existing = input.existing, existing.kind != .table {
      throw DiagnosticsError(
        Diagnostic(
          "relation-in-the-way",
          "\(layout.table) is a \(existing.kind.sqlWord); a dimension is kept in a table",
          at: input.node.startSpan,
          help: "drop it, or give the dimension another 'alias'"))
    }
    let older = isOwn ? taken.map { TakenName(taken: $0, layout: layout, input: given) } : nil
    let recorded = layout.dimension.recordedTime.map { _ in
      RecordedRows(layout: layout, input: input).relation
    }
    if let first = FirstLoad(layout: layout, input: input) {
      var second = draft
      try write(layout, &second, recorded) { (beginning, draft) throws(DiagnosticsError) in
        draft.add(beginning)
        try Self.load(layout, input, &draft)
      }
      try write(layout, &draft, recorded) { (beginning, draft) throws(DiagnosticsError) in
        draft.add(beginning)
        try first.add(to: &draft)
      }
      // Whichever way it goes, the same is made sure of.
      draft.evidence.merge(second.plan(isIdempotent: true).evidence) { own, _ in own }
      draft.otherwise = (FirstLoad.refusals, second.steps)
    } else if taken == nil, layout.dimension.input == .snapshot, input.dialect.hasProceduralStatements {
      var second = draft
      try write(layout, &second, recorded) { (beginning, draft) throws(DiagnosticsError) in
        draft.add(beginning)
        try Self.load(layout, input, &draft)
      }
      try write(layout, &draft, recorded) { (beginning, draft) throws(DiagnosticsError) in
        draft.add(beginning)
        try Self.load(layout, input, &draft, mayRepeat: false)
      }
      draft.otherwise = (SnapshotLoad.refusals, second.steps)
    } else {
      try write(layout, &draft, recorded) { (beginning, draft) throws(DiagnosticsError) in
        try older?.moveAside(&draft)
        draft.add(beginning)
        try Self.load(
          layout, input, &draft,
          after: taken.map { TakeOverLoad(taken: $0, layout: layout, input: input, place: older?.aside) })
        older?.restore(&draft)
      }
    }
    draft.creates = [
      RelationState(name: draft.target, kind: .table), RelationState(name: layout.ledger, kind: .table),
    ]
    if let recorded { draft.creates.append(RelationState(name: recorded, kind: .table)) }
    if layout.durableKey != nil {
      draft.creates += [DurableKey.asIs, DurableKey.asWas].map {
        RelationState(name: AsideNames.name(of: draft.target, $0, dialect: input.dialect), kind: .view)
      }
    }
    if layout.dimension.hasCurrentView {
      draft.creates.append(
        RelationState(
          name: AsideNames.name(of: draft.target, Self.currentView, dialect: input.dialect), kind: .view))
    }
    return draft.plan(isIdempotent: true)
  }

  /// The transaction around the load.
  private func write(
    _ layout: DimensionLayout, _ draft: inout PlanDraft, _ recorded: RelationName?,
    load: (_ beginning: [Plan.Statement], inout PlanDraft) throws(DiagnosticsError) -> Void
  ) throws(DiagnosticsError) {
    let input = draft.input
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    let trail = AuditTrail(input, star: Star(input.manifest))
    try load(trail?.begin(layout.table) ?? [], &draft)
    if let durable = layout.durableKey { addDurableKey(durable, layout, &draft) }
    OutriggerKeys(layout: layout).add(to: &draft)
    addCurrentView(layout, &draft)
    if let trail { draft.add(trail.mark(layout, isRewritten: Self.widens(layout, input)) + [trail.end()]) }
    draft.add(RecordedRows(layout: layout, input: input).afterLoad)
    if input.existing == nil { draft.add(try Indexes.statements(input, on: draft.target)) }
    draft.gate(draft.target)
    try StarDesign.carryOut(key: layout.dimension.surrogateKey.name, &draft)
    draft.add(Grants.statements(input, on: draft.target, mayCarryOver: input.existing != nil))
    if let recorded { draft.add(Grants.statements(input, on: recorded, mayCarryOver: input.existing != nil)) }
    TableBuild.addComments(to: &draft, columns: layout.definitions.map(\.name))
    draft.runHooks(input.postHooks)
  }

  /// The table made ready, and the SQL's rows put into it.
  ///
  /// - Parameters:
  ///   - older: a history to begin with.
  ///   - mayRepeat: false for the way that ends where a key has several rows in a snapshot.
  static func load(
    _ layout: DimensionLayout, _ input: PlanInput, _ draft: inout PlanDraft, after older: TakeOverLoad? = nil,
    mayRepeat: Bool = true
  ) throws(DiagnosticsError) {
    let table = DimensionTable(layout: layout, input: input)
    try table.prepare(&draft)
    if !layout.touch.isEmpty {
      draft.temporary("whc_formerly", as: "select d.\(layout.surrogate) as whc_key from \(layout.table) d")
    }
    discardHistory(layout, &draft)
    draft.add(table.members)
    draft.add(ColumnBackfill(layout: layout, input: input).statements)
    try older?.add(to: &draft)
    let previous = layout.withPrevious.isEmpty ? nil : PreviousValues(layout: layout)
    let noting = [previous?.remember].compactMap(\.self)
    switch layout.dimension.input {
    case .snapshot:
      draft.add(runTime(layout, input))
      SnapshotLoad(layout: layout, input: input, mayRepeat: mayRepeat).add(to: &draft, noting: noting)
    case .changes:
      draft.add(stage(layout, input))
      draft.add(runTime(layout, input))
      ChangesLoad(layout: layout, input: input).add(to: &draft)
      draft.add(noting)
    }
    DimensionChain(layout: layout, input: input).add(to: &draft)
    // The history's audit counts the rows of each key, too.
    draft.evidence[StarCheck(.surrogateKey)] = .audited
    if let previous { draft.add(previous.update) }
  }

  static let currentView = "_current"

  /// The rows that hold now, members among them.
  private func addCurrentView(_ layout: DimensionLayout, _ draft: inout PlanDraft) {
    guard layout.dimension.hasCurrentView else { return }
    let dialect = draft.input.dialect
    let view = AsideNames.name(of: draft.target, Self.currentView, dialect: dialect)
    guard Self.reshapes(layout, draft.input) || draft.input.relations[view] == nil else { return }
    draft.add(
      StarView(
        name: dialect.render(view),
        query:
          "select d.*\nfrom \(layout.table) d\nwhere d.\(dialect.quote(layout.dimension.columns.isCurrent))",
        dialect: dialect
      ).statements)
  }

  private func addDurableKey(_ key: DurableKey, _ layout: DimensionLayout, _ draft: inout PlanDraft) {
    draft.add(key.fillMembers + [key.fill])
    draft.steps.append(.audit(key.invariant(layout.dimension.name)))
    let input = draft.input
    let asIs = AsideNames.name(of: draft.target, DurableKey.asIs, dialect: input.dialect)
    let asWas = AsideNames.name(of: draft.target, DurableKey.asWas, dialect: input.dialect)
    if Self.reshapes(layout, input) || input.relations[asIs] == nil || input.relations[asWas] == nil {
      draft.add(
        key.views(
          asIs: input.dialect.render(asIs), asWas: input.dialect.render(asWas), layout.columnsAfter(input)))
    }
  }

  /// Whether views of the table must be made anew: it gains columns, or the server makes some anew.
  private static func reshapes(_ layout: DimensionLayout, _ input: PlanInput) -> Bool {
    let present = input.existing?.columns ?? []
    let grows = layout.definitions.contains { column in !present.contains { $0.name == column.name } }
    guard !grows, input.dialect.kind == .redshift else { return grows }
    return widens(layout, input)
      || layout.dimension.schemaChanges.droppedColumns == .drop && !layout.lostColumns(input).isEmpty
  }

  /// Whether the load rewrites every row to give a column another type.
  private static func widens(_ layout: DimensionLayout, _ input: PlanInput) -> Bool {
    layout.definitions.contains { column in
      let type = column.type.replacing(" not null", with: "").replacing(" default false", with: "")
      return input.existing?.columns?.contains {
        $0.name == column.name && TypeChange(from: $0.type, to: type, input.dialect) == .widening
      } ?? false
    }
  }

  /// - Parameter isAudited: whether the key to an audit dimension is one of its columns.
  static func layout(_ input: PlanInput, isAudited: Bool = true) throws(DiagnosticsError) -> DimensionLayout {
    let decoded = Dimension.decode(input.node)
    guard let dimension = decoded.value else { throw DiagnosticsError(decoded.diagnostics) }
    let star = Star(input.manifest)
    let trail = isAudited ? AuditTrail(input, star: star) : nil
    var layout = try DimensionLayout(
      dimension, input, target: try input.target(),
      hasInferred: star.infers(into: input.node.id, input.manifest), star: star,
      carries: trail.map { [($0.column, "bigint")] } ?? [])
    layout.auditColumn = trail?.column
    return layout
  }

  /// The user's SQL runs once, here.
  private static func stage(_ layout: DimensionLayout, _ input: PlanInput) -> [Plan.Statement] {
    var statements = CreateAs(input: input).temporaryTable("whc_stage")
    if !statements.isEmpty {
      statements[statements.count - 1].purpose = .main
      statements[statements.count - 1].tallies = [.read]
      statements[statements.count - 1].countsRows = true
    }
    return statements
  }

  static func runTime(_ layout: DimensionLayout, _ input: PlanInput) -> Plan.Statement {
    let now = input.flags.now.map { layout.dialect.timestamp($0) } ?? layout.dialect.clock
    return .temporary("whc_run", as: "select (\(now))::\(layout.timeType) as at", layout.dialect)
  }

  /// Only the explicit `discard_history: true` together with a full refresh empties a dimension; keys that were
  /// given stay given.
  private static func discardHistory(_ layout: DimensionLayout, _ draft: inout PlanDraft) {
    guard draft.input.isFullRefresh, layout.dimension.discardsHistory else { return }
    if layout.dimension.surrogateKey.method == .integer {
      draft.add(
        .change,
        "insert into \(layout.ledgerTable) (kind, surrogate_key)\n"
          + "select 'discarded', max(\(layout.surrogate)) from \(layout.table)")
    }
    let (table, alias) = layout.dialect.deleted(layout.target, "d")
    draft.add(.change, "delete from \(table) where true\(layout.notMember(alias))")
    draft.add(.change, "delete from \(layout.ledgerTable) where kind <> 'discarded'")
  }
}
