import Diagnostics
import OrderedCollections
import ProjectModel
import StarModel
import Warehouse

/// A plan while it is written: what comes before the transaction, in it and after it.
struct PlanDraft {
  let input: PlanInput
  let target: RelationName
  var steps: [Plan.Step] = []
  /// The second way of the transaction, with the errors that lead to it.
  var otherwise: (sqlStates: [String], steps: [Plan.Step])?
  /// What follows the commit, before the hooks that run outside the transaction.
  var afterwards: [Plan.Step] = []
  var creates: [RelationState] = []
  var drops: [RelationName] = []
  var warnings: [Diagnostic]
  /// See ``Plan/reasons``.
  var reasons: [String] = []
  /// What is made sure of before anything is published. Audits that ask for a check are added by themselves.
  var evidence: OrderedDictionary<StarCheck, StarEvidence> = [:]

  init(_ input: PlanInput) throws(DiagnosticsError) {
    self.input = input
    target = try input.target()
    warnings = Contract.warnings(of: input.node)
  }

  mutating func add(_ statement: Plan.Statement) { steps.append(.statement(statement)) }
  mutating func add(_ statements: [Plan.Statement]) { steps += statements.map { .statement($0) } }
  mutating func add(_ purpose: Plan.Statement.Purpose, _ sql: String) { add(Plan.Statement(purpose, sql)) }

  /// Drops what a killed run left under these names.
  ///
  /// A leftover is nobody's relation, so its dependents go with it; the server's notice names them.
  mutating func dropLeftovers(_ names: RelationName...) {
    for name in names {
      guard let state = input.relations[name] else { continue }
      drops.append(name)
      add(.cleanup, "drop \(state.kind.sqlWord) if exists \(input.dialect.render(name)) cascade")
    }
  }

  /// One run at a time changes the rows of a relation in place; a second one waits here.
  mutating func lockTarget() {
    guard input.dialect.kind == .postgres else {
      if input.existing != nil { add(.lock, "lock table \(input.dialect.render(target))") }
      return
    }
    add(.lock, AdvisoryLock.statement("relation", target, dialect: input.dialect))
  }

  mutating func gate(_ relation: RelationName) {
    if input.gates { steps.append(.gate(relation: relation)) }
  }

  /// The hooks that run in the transaction: one that renders to nothing is none.
  mutating func runHooks(_ hooks: [RenderedHook]) {
    add(hooks.filter(\.inTransaction).flatMap(\.statements))
  }

  /// Makes a temporary table that lasts as long as the transaction; see ``Dialect/temporary(_:)`` for its name.
  mutating func temporary(_ name: String, as query: String) {
    add(Plan.Statement.temporary(name, as: query, input.dialect))
  }

  /// A rolled back transaction takes its temporary tables with it; one that is committed drops them itself where they
  /// would stay with the session.
  private func endOfTemporaryTables(_ steps: [Plan.Step]) -> [Plan.Step] {
    guard !input.dialect.dropsTemporaryTables else { return [] }
    let names = steps.compactMap { step -> String? in
      guard case .statement(let statement) = step else { return nil }
      return statement.temporaryTable
    }
    return names.isEmpty
      ? [] : [.statement(Plan.Statement(.cleanup, "drop table if exists \(names.joined(separator: ", "))"))]
  }

  /// The plan: hooks outside the transaction, the transaction, hooks after it.
  ///
  /// A transaction of one statement needs no BEGIN.
  func plan(isIdempotent: Bool) -> Plan {
    let before = input.preHooks.filter { !$0.inTransaction }.flatMap(\.statements)
    let after = input.postHooks.filter { !$0.inTransaction }.flatMap(\.statements)
    let hasHooks = !(input.preHooks + input.postHooks).isEmpty
    var groups: [Plan.Group] = []
    let steps = self.steps + endOfTemporaryTables(self.steps)
    if !before.isEmpty { groups.append(Plan.Group(.autocommit, before.map { .statement($0) })) }
    if !steps.isEmpty {
      let second = otherwise.map {
        Plan.Otherwise(sqlStates: $0.sqlStates, steps: $0.steps + endOfTemporaryTables($0.steps))
      }
      let needsTransaction = steps.count > 1 || (second?.steps.count ?? 0) > 1
      groups.append(
        Plan.Group(
          needsTransaction ? .transaction : .autocommit, isIdempotent: isIdempotent && !hasHooks,
          otherwise: second, steps))
    }
    let last = afterwards + after.map { .statement($0) }
    if !last.isEmpty { groups.append(Plan.Group(.autocommit, last)) }
    var plan = Plan(
      node: input.node.id, groups: groups, creates: creates, drops: drops, warnings: warnings)
    plan.evidence = evidence
    plan.reasons = reasons
    for case .audit(let audit) in steps {
      if let check = audit.check, evidence[check] == nil { plan.evidence[check] = .audited }
    }
    return plan
  }
}
