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
    needs.macros = Self.rowMacros + Self.grantMacros + Self.commentMacros + Self.indexMacros
    return needs
  }

  /// Macros that decide which rows are stored.
  private static let rowMacros = [
    "snapshot_merge_sql", "snapshot_staging_table", "snapshot_timestamp_strategy", "post_snapshot",
  ]
  private static let grantMacros = [
    "apply_grants", "should_revoke", "call_dcl_statements", "get_dcl_statement_list", "get_grant_sql",
    "get_revoke_sql", "get_show_grant_sql", "copy_grants", "support_multiple_grantees_per_dcl_statement",
  ]
  private static let commentMacros = ["persist_docs", "alter_relation_comment", "alter_column_comment"]
  private static let indexMacros = ["create_indexes", "get_create_index_sql"]

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
      let notesLate =
        input.overriddenMacros.isDisjoint(with: Self.rowMacros) && strategy(input) == "timestamp"
      draft.add(
        .template(.prepare, "{{ whc_snapshot_stage(notes_late=\(notesLate ? "true" : "false")) }}"))
      draft.steps += doubts(
        input,
        ["duplicate", "null"] + (notesLate ? ["late"] : []) + (mayOverlap(input) ? ["overlap"] : [])
      )
      draft.add(.template(.main, "{{ whc_snapshot_merge() }}"))
      draft.afterwards = [.statement(.template(.cleanup, "{{ whc_snapshot_finish() }}"))]
    }
    let isNew = input.existing == nil
    if input.overriddenMacros.isDisjoint(with: Self.grantMacros) {
      draft.add(Grants.statements(input, on: draft.target, mayCarryOver: !isNew))
    } else {
      draft.add(.template(.grant, "{{ whc_snapshot_grants(\(isNew ? "false" : "true")) }}"))
    }
    addComments(to: &draft, input)
    if isNew {
      if input.overriddenMacros.isDisjoint(with: Self.indexMacros) {
        draft.add(try Indexes.statements(input, on: draft.target))
      } else {
        draft.add(.template(.index, "{% do create_indexes(this.incorporate(type='table')) %}"))
      }
    }
    draft.runHooks(input.postHooks)
    draft.creates = [RelationState(name: draft.target, kind: .table)]
    return draft.plan(isIdempotent: false)
  }

  private func addComments(to draft: inout PlanDraft, _ input: PlanInput) {
    guard input.overriddenMacros.isDisjoint(with: Self.commentMacros) else {
      return draft.add(.template(.comment, "{% do persist_docs(this.incorporate(type='table'), model) %}"))
    }
    let own = ["dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted"]
    TableBuild.addComments(
      to: &draft,
      columns: input.queryColumns.map(\.name) + (input.existing?.columns?.map(\.name) ?? own))
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
