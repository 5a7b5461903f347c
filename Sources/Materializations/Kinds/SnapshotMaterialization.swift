public import Diagnostics
import ProjectModel
import Warehouse

/// dbt's snapshot: every state of a row that a run saw, with the time from which and to which it held.
///
/// What is stored is the business of dbt's macros, which projects override; they are rendered when their turn
/// comes. Where they make a wrong history without a word, the rows stay dbt's and a warning says so.
public struct SnapshotMaterialization: Materialization {
  public static let name = "snapshot"

  public init() {}

  public func needs(_ input: PlanInput) -> StateNeeds {
    var needs = StateNeeds()
    needs.queryColumns = Comments(input: input).wantsColumns
    needs.ownColumns = needs.queryColumns && input.existing != nil
    needs.macros = [
      "snapshot_merge_sql", "snapshot_staging_table", "snapshot_timestamp_strategy", "post_snapshot",
    ]
    return needs
  }

  public func plan(_ input: PlanInput) throws(DiagnosticsError) -> Plan {
    var draft = try PlanDraft(input)
    if let existing = input.existing, existing.kind != .table {
      throw DiagnosticsError(
        Diagnostic(
          "relation-wrong-type",
          "\(input.dialect.render(draft.target)) is a \(existing.kind.sqlWord), and snapshot "
            + "'\(input.node.name)' needs a table",
          at: input.node.startSpan, help: "drop it, or give the snapshot another 'alias'"))
    }
    draft.lockTarget()
    draft.runHooks(input.preHooks)
    if input.existing == nil {
      draft.add(.template(.main, "{{ whc_snapshot_first() }}"))
      draft.steps += doubts(input, ["duplicate", "null"])
    } else {
      let notesLate = input.overriddenMacros.isEmpty && strategy(input) == "timestamp"
      draft.add(
        .template(.prepare, "{{ whc_snapshot_stage(notes_late=\(notesLate ? "true" : "false")) }}"))
      draft.steps += doubts(
        input,
        ["duplicate", "null"] + (notesLate ? ["late"] : []) + (mayOverlap(input) ? ["overlap"] : [])
      )
      draft.add(.template(.main, "{{ whc_snapshot_merge() }}"))
      draft.afterwards = [.statement(.template(.cleanup, "{{ whc_snapshot_finish() }}"))]
    }
    draft.add(Grants.statements(input, on: draft.target, mayCarryOver: input.existing != nil))
    let own = ["dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted"]
    TableBuild.addComments(
      to: &draft,
      columns: input.queryColumns.map(\.name) + (input.existing?.columns?.map(\.name) ?? own))
    if input.existing == nil { draft.add(try Indexes.statements(input, on: draft.target)) }
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
    return draft.plan(isIdempotent: false)
  }

  private func strategy(_ input: PlanInput) -> String? { input.node.config["strategy"]?.string }

  /// A key that left and came back with a time before it left: only times of the source can lie so.
  private func mayOverlap(_ input: PlanInput) -> Bool {
    let config = input.node.config
    return ["invalidate", "new_record"].contains(config["hard_deletes"]?.string)
      || config["invalidate_hard_deletes"]?.bool == true
  }

  // MARK: What goes wrong in silence

  private func doubts(_ input: PlanInput, _ kinds: [String]) -> [Plan.Step] {
    kinds.map { kind in
      let name = input.node.name
      let (code, summary): (DiagnosticCode, String) =
        switch kind {
        case "duplicate":
          (
            "snapshot-duplicate-key",
            "snapshot '\(name)' reads several rows of one key; each becomes a current row of its own"
          )
        case "null":
          (
            "snapshot-null-key",
            "snapshot '\(name)' reads rows without a key; each run stores them again"
          )
        case "late":
          (
            "snapshot-late-version",
            "snapshot '\(name)' leaves out rows that are older than what it has of their key"
          )
        default:
          (
            "snapshot-overlap",
            "snapshot '\(name)' stores rows that hold from before an older row of their key ended"
          )
        }
      var audit = Plan.Audit(
        code, summary,
        help: "'materialized: dimension' keeps a history that is right in such cases",
        span: input.node.span(ofConfig: "unique_key"), query: "{{ whc_snapshot_doubts('\(kind)') }}"
      )
      audit.severity = .warning
      audit.isTemplate = true
      return .audit(audit)
    }
  }
}
