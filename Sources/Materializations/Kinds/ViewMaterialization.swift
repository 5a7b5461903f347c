public import Diagnostics
import ProjectModel
import Warehouse

/// A query kept under a name.
///
/// A view that is there already is replaced where it stands, which keeps its grants and the views above it;
/// only when its columns changed does the server refuse that, and it is swapped. What hangs on it stops the swap,
/// and the plan is made again with it in mind (``PlanFlags/carriesDependents``).
public struct ViewMaterialization: Materialization {
  public static let name = "view"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    // A view is replaced where it stands: what hangs on it is looked for only when the server refused that.
    needs.dependents = input.existing.map { $0.kind != .view || input.flags.carriesDependents } ?? false
    needs.queryColumns = input.node.hasEnforcedContract || Comments(input: input).wantsColumns
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    var draft = try PlanDraft(input)
    let create = CreateAs(input: input)
    let target = draft.target
    let comments = Comments(input: input).statements(
      on: target, kind: .view, columns: input.queryColumns.map(\.name))
    draft.warnings += [comments.warning].compactMap(\.self)
    draft.creates = [RelationState(name: target, kind: .view)]

    func steps(_ build: [Plan.Statement], mayCarryOver: Bool) -> [Plan.Step] {
      let statements =
        input.preHooks.filter(\.inTransaction).flatMap(\.statements) + build
        + Grants.statements(input, on: target, mayCarryOver: mayCarryOver) + comments.statements
        + input.postHooks.filter(\.inTransaction).flatMap(\.statements)
      return statements.map { .statement($0) }
    }

    guard let existing = input.existing else {
      draft.steps += steps(try create.view(target), mayCarryOver: false)
      return draft.plan(isIdempotent: true)
    }
    let swap = try swapped(create, existing, &draft)
    if existing.kind == .view && input.dialect.kind == .postgres {
      draft.otherwise = (["42P16"], draft.steps + steps(swap, mayCarryOver: false))
      draft.steps += steps(try create.view(target, orReplace: true), mayCarryOver: true)
    } else {
      draft.steps += steps(swap, mayCarryOver: false)
    }
    return draft.plan(isIdempotent: true)
  }

  private func swapped(_ create: CreateAs, _ existing: RelationState, _ draft: inout PlanDraft)
    throws(DiagnosticsError) -> [Plan.Statement]
  {
    let input = draft.input
    try Replaceable.check(existing, input)
    let aside = AsideNames.name(of: draft.target, AsideNames.temporary, dialect: input.dialect)
    let backup = AsideNames.name(of: draft.target, AsideNames.backup, dialect: input.dialect)
    draft.dropLeftovers(aside, backup)
    return try create.view(aside)
      + Publication(input, replacing: existing, at: draft.target).statements(aside: aside, kind: .view)
  }
}

/// What may be dropped to make room for a node's relation.
enum Replaceable {
  /// - Throws: `relation-in-the-way` for things that dbt never makes.
  static func check(_ existing: RelationState, _ input: PlanInput) throws(DiagnosticsError) {
    switch existing.kind {
    case .table, .view, .materializedView: return
    case .foreignTable, .other:
      throw DiagnosticsError(
        Diagnostic(
          "relation-in-the-way",
          "\(input.dialect.render(existing.name)) is a \(existing.kind.sqlWord), which is not dropped for "
            + input.node.label,
          at: input.node.startSpan, help: "drop it yourself, or give the node another 'alias'"))
    }
  }
}
