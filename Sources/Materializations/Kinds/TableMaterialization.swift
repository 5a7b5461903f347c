public import Diagnostics
import ProjectModel
import Warehouse

/// A query's rows, built aside and put in place in the same transaction.
public struct TableMaterialization: Materialization {
  public static let name = "table"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.dependents = input.existing != nil
    needs.queryColumns = input.node.hasEnforcedContract || Comments(input: input).wantsColumns
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    var draft = try PlanDraft(input)
    try TableBuild.add(to: &draft) { draft in
      // dbt's order for tables: hooks, then grants and comments.
      draft.runHooks(input.postHooks)
      draft.add(Grants.statements(input, on: draft.target, mayCarryOver: false))
      TableBuild.addComments(to: &draft, columns: input.queryColumns.map(\.name))
    }
    return draft.plan(isIdempotent: true)
  }
}

/// A table made whole from the query and published: what `table` always does and `incremental` on a first run
/// or a full refresh.
enum TableBuild {
  /// Hooks before, the table, its indexes, the gate, the swap, then `finish`.
  static func add(to draft: inout PlanDraft, finish: (inout PlanDraft) throws(DiagnosticsError) -> Void)
    throws(DiagnosticsError)
  {
    let input = draft.input
    let aside = AsideNames.name(of: draft.target, AsideNames.temporary, dialect: input.dialect)
    let backup = AsideNames.name(of: draft.target, AsideNames.backup, dialect: input.dialect)
    draft.dropLeftovers(aside, backup)
    draft.runHooks(input.preHooks)
    // Nobody sees a new table before the transaction ends, so the first one needs no other name.
    let place = input.existing == nil ? draft.target : aside
    draft.add(try CreateAs(input: input).table(place))
    draft.add(try Indexes.statements(input, on: place))
    draft.gate(place)
    if let existing = input.existing {
      try Replaceable.check(existing, input)
      draft.add(
        Publication(input, replacing: existing, at: draft.target).statements(aside: aside, kind: .table))
    }
    try finish(&draft)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
  }

  static func addComments(to draft: inout PlanDraft, columns: [String]) {
    let comments = Comments(input: draft.input).statements(on: draft.target, kind: .table, columns: columns)
    draft.add(comments.statements)
    draft.warnings += [comments.warning].compactMap(\.self)
  }
}
