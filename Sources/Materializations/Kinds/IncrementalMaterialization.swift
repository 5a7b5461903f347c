public import Diagnostics
import ProjectModel
import Warehouse

/// A table that each run brings forward: new rows appended, or put in the place of those with their key.
public struct IncrementalMaterialization: Materialization {
  public static let name = "incremental"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = TableMaterialization().needs(input)
    needs.macros = IncrementalStrategy.macros(IncrementalStrategy.word(input))
    if changesInPlace(input) {
      needs.ownColumns = true
      needs.queryColumns = true
    }
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    var draft = try PlanDraft(input)
    let strategy = try IncrementalStrategy(input)
    guard changesInPlace(input) else {
      try TableBuild.add(to: &draft) { draft in
        finish(&draft, mayCarryOver: false, columns: input.queryColumns.map(\.name))
      }
      return draft.plan(isIdempotent: true)
    }

    _ = try Contract.checked(input)
    if strategy.kind == .written { return written(draft) }

    let change = SchemaChange(input)
    let diagnostics = change.diagnostics(input)
    if diagnostics.contains(where: { $0.severity == .error }) { throw DiagnosticsError(diagnostics) }
    draft.warnings += diagnostics

    let target = input.dialect.render(draft.target)
    let alterations = change.statements(on: target, dialect: input.dialect)
    let dependents = Dependents(
      dialect: input.dialect,
      views: change.touchesOldColumns && input.dialect.kind == .postgres ? input.dependents : [])
    let aside = AsideNames.name(of: draft.target, AsideNames.temporary, dialect: input.dialect)

    draft.dropLeftovers(aside, AsideNames.name(of: draft.target, AsideNames.backup, dialect: input.dialect))
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    // The query may read the table itself: it is run before the table's columns change.
    let isStaged = strategy.needsStaging(input.dialect) || !alterations.isEmpty
    if isStaged { draft.add(CreateAs(input: input).temporaryTable(aside.identifier)) }
    draft.add(dependents.lock + dependents.detach)
    for sql in alterations { draft.add(.change, sql) }
    let source: IncrementalStrategy.Source =
      isStaged ? .staged(input.dialect.quote(aside.identifier)) : .query(CreateAs(input: input))
    draft.add(
      strategy.statements(into: target, columns: change.storedColumns, from: source, dialect: input.dialect))
    draft.add(dependents.attach)
    draft.gate(draft.target)
    finish(&draft, mayCarryOver: true, columns: change.storedColumns)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
    return draft.plan(isIdempotent: false)
  }

  /// The project's own macros bring the table forward; they are rendered when their turn comes.
  private func written(_ start: PlanDraft) -> Plan {
    var draft = start
    let input = draft.input
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    draft.add(.template(.main, "{{ whc_incremental_rows() }}"))
    draft.gate(draft.target)
    let known = input.existing?.columns?.map(\.name) ?? []
    finish(
      &draft, mayCarryOver: true,
      columns: known + input.queryColumns.map(\.name).filter { !known.contains($0) })
    draft.add(.template(.cleanup, "{{ whc_incremental_finish() }}"))
    draft.creates = [RelationState(name: draft.target, kind: .table)]
    return draft.plan(isIdempotent: false)
  }

  private func changesInPlace(_ input: PlanInput) -> Bool {
    input.existing?.kind == .table && !input.isFullRefresh
  }

  /// dbt's order for incremental models: grants and comments, then hooks.
  private func finish(_ draft: inout PlanDraft, mayCarryOver: Bool, columns: [String]) {
    draft.add(Grants.statements(draft.input, on: draft.target, mayCarryOver: mayCarryOver))
    TableBuild.addComments(to: &draft, columns: columns)
    draft.runHooks(draft.input.postHooks)
  }
}
