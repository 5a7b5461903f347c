public import Diagnostics
import ProjectModel
import StarModel
import Warehouse

/// A fact: the natural keys of its SQL resolved to the surrogate keys of the versions valid at its time.
///
/// The first build and a full refresh make the table in one `create table as` with a hash join a dimension; every
/// other run replaces and adds rows by grain in place. Both check the grain before anything is seen.
public struct FactMaterialization: Materialization {
  public static let name = "fact"

  public init() {}

  public var gatesByDefault: Bool { true }

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.ownColumns = input.existing != nil
    needs.queryColumns = true
    needs.dependents = input.existing != nil
    // Keys that cannot be compared are told of before the server is asked to.
    if let fact = Fact.decode(input.node).value {
      let star = Star(input.manifest)
      let relations = star.lookups(of: fact, input.manifest)
        .filter { !$0.target.isGenerated && !$0.target.isJunk || namesColumns(fact, input.dialect) }
        .compactMap { input.manifest.nodes[$0.target.node]?.relation }
      needs.columnsOf = Array(Set(relations)).filter { input.relations[$0] != nil }
      needs.storageOf = StarDesign.asksFor(Self.related(star.lookups(of: fact, input.manifest), input), input)
    }
    return needs
  }

  /// The tables that are there of a fact and its dimensions.
  static func related(_ lookups: [(edge: Fact.Edge, target: Star.Target)], _ input: PlanInput)
    -> [RelationName]
  {
    let all =
      lookups.compactMap { input.manifest.nodes[$0.target.node]?.relation }
      + [input.node.relation].compactMap(\.self)
    return all.reduce(into: []) { if !$0.contains($1), input.relations[$1] != nil { $0.append($1) } }
  }

  /// Whether views are written with all of their columns, because the server cannot look for them.
  private func namesColumns(_ fact: Fact, _ dialect: Dialect) -> Bool {
    !fact.views.isEmpty && !dialect.hasProceduralStatements
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    var input = input
    let layout = try Self.layout(&input)
    let fact = layout.fact
    if fact.rekey == .report, !input.dialect.hasProceduralStatements {
      throw DiagnosticsError(
        Diagnostic(
          "dialect-not-yet",
          "'rekey: report' of \(fact.name) is not written for \(input.dialect.kind.rawValue) yet",
          at: input.node.span(ofConfig: "rekey"), help: "'auto' gives facts their new keys, 'off' leaves them"
        ))
    }
    var draft = try PlanDraft(input)
    draft.reasons = try StarDesign(input, layout)?.reasons ?? []
    draft.lockTarget()
    // A periodic snapshot holds what its source has forgotten, so it is never built anew.
    let isRebuild = input.existing?.kind != .table || (input.isFullRefresh && fact.periodic == nil)
    if isRebuild {
      try FactRebuild(layout: layout, input: input).add(to: &draft)
    } else {
      try FactMerge(layout: layout, input: input).add(to: &draft)
      draft.gate(draft.target)
    }
    draft.add(Grants.statements(input, on: draft.target, mayCarryOver: !isRebuild))
    TableBuild.addComments(to: &draft, columns: layout.columns.names)
    let views = FactViews(layout: layout, input: input).all
    for view in views {
      if let other = input.relations[view.name], other.kind != .view {
        throw DiagnosticsError(
          Diagnostic(
            "relation-in-the-way",
            "\(input.dialect.render(view.name)) is a \(other.kind.sqlWord), and 'views' of \(fact.name) makes a view of this name",
            at: input.node.span(ofConfig: "views"),
            help: "give the other one another 'alias', or the lookup another 'role:'"))
      }
      draft.add(view.statements)
    }
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
    draft.creates += views.map { RelationState(name: $0.name, kind: .view) }
    if layout.hasLedger { draft.creates.append(RelationState(name: layout.ledger, kind: .table)) }
    var plan = draft.plan(isIdempotent: true)
    plan.warnings += try FactTypes(layout: layout, input: input).check()
    return plan
  }

  /// - Parameter input: gets the columns of the SQL with the types that they have in the table.
  static func layout(_ input: inout PlanInput) throws(DiagnosticsError) -> FactLayout {
    let decoded = Fact.decode(input.node)
    guard let fact = decoded.value else { throw DiagnosticsError(decoded.diagnostics) }
    input.queryColumns = FactAllocation.columns(fact, input.queryColumns, input.dialect)
    return try FactLayout(fact, input, star: Star(input.manifest), target: try input.target())
  }
}

/// The whole table from the SQL, built aside and swapped in.
struct FactRebuild {
  let layout: FactLayout
  let input: PlanInput

  private var l: FactLayout { layout }

  func add(to draft: inout PlanDraft) throws(DiagnosticsError) {
    let aside = AsideNames.name(of: draft.target, AsideNames.temporary, dialect: input.dialect)
    let backup = AsideNames.name(of: draft.target, AsideNames.backup, dialect: input.dialect)
    draft.dropLeftovers(aside, backup)
    draft.runHooks(input.preHooks)
    let place = input.existing == nil ? draft.target : aside
    let rekey = FactRekey(layout: layout, input: input)
    draft.add(rekey.prepare(isRebuild: true))
    if let trail = l.trail { draft.add(trail.take) }
    let table = input.dialect.render(place)
    let create =
      "create table \(table)\(try PhysicalDesign(input, star: StarDesign(input, l)).ofTable()) as\nselect \(select)\n"
    let kept =
      input.existing?.kind == .table ? l.lags?.keep(l, present: input.existing?.columns ?? []) : nil
    let periods = l.fact.periodic.map {
      FactPeriods(snapshot: $0, layout: l, input: input, hasTable: false)
    }
    let isStaged = l.infers || kept != nil || periods != nil || l.frame != nil || !l.stageAudits.isEmpty
    if isStaged {
      // The SQL runs once, and both the inferring and the table read what it gave.
      if let periods {
        periods.add(to: &draft)
      } else {
        let query = CreateAs(input: input, frame: l.frame)
        draft.add(query.temporaryTable("whc_stage").map { $0.asMain.counted(.read) })
      }
      draft.steps += l.stageAudits.map { .audit($0) }
      if let kept { draft.add(kept) }
      for lookup in l.inOrderOfLocks { draft.add(FactInference(layout: l, lookup: lookup).statements) }
      draft.add(
        Plan.Statement(
          .change, create + "from \(input.dialect.temporary("whc_stage")) s\n\(joins)", countsRows: true
        ).counted(.inserted))
    } else {
      let query = CreateAs(input: input)
      draft.add(query.header)
      draft.add(query.wrap(create + "from (\n", "\n) s\n\(joins)").counted(.read, .inserted))
    }
    let audits = FactAudits(
      layout: layout, input: input, proof: GrainProof(layout, input, isStaged: isStaged), isRebuild: true,
      isStaged: isStaged)
    for (check, evidence) in audits.evidence { draft.evidence[check] = evidence }
    draft.add(audits.counts(table))
    for audit in audits.ofTable(table) { draft.steps.append(.audit(audit)) }
    draft.add(rekey.rememberUnresolved(table, isTemporary: false))
    if let periods { draft.add(periods.close) }
    draft.add(audits.trail)
    draft.add(try Indexes.statements(input, on: place))
    draft.gate(place)
    draft.add(try StarDesign.keys(of: l, on: table, input))
    if let existing = input.existing {
      try Replaceable.check(existing, input)
      draft.add(
        Publication(input, replacing: existing, at: draft.target).statements(aside: aside, kind: .table))
    }
  }

  private var joins: String { l.lookups.map(l.join).joined(separator: "\n") }

  /// The columns of the table, and, for keys that were not found, the natural key for as long as the build lasts.
  private var select: String {
    (l.selected + l.rekeyed.map { FactRekey.aside(l, $0) }).joined(separator: ",\n  ")
  }
}

extension Plan.Statement {
  /// The same, with its rows counted.
  func counted(_ tallies: Plan.Tally...) -> Plan.Statement {
    var copy = self
    copy.tallies = tallies
    return copy
  }

  /// The same as the node's main statement.
  var asMain: Plan.Statement {
    guard userSQLOffset != nil else { return self }
    var copy = self
    copy.purpose = .main
    return copy
  }
}
