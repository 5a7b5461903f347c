import Compiler
import Diagnostics
import ProjectModel

/// What was found in the SQL of the nodes that a command is about, before it sends anything.
///
/// dbt does not look at SQL, so a project that passes there has to pass here with the same flags: what `--warn-error` and
/// `error: all` make of warnings is not for these. Only what names a finding makes it an error: `sql_rules` of the project,
/// or its code in `--warn-error-options`. `whc check`, which dbt does not have, takes both.
struct Checked {
  private(set) var warnings: [Diagnostic] = []
  /// What keeps nodes from being sent.
  private(set) var errors: [NodeID: [Diagnostic]] = [:]
  /// SQL that rendering would give again.
  private(set) var repeatable: [NodeID: CompiledNode] = [:]

  init(
    _ chosen: [NodeID], in workspace: Workspace, _ compiler: NodeCompiler, known: [NodeID: CompiledNode]
  ) throws(DiagnosticsError) {
    let policy = try WarningPolicy(workspace.flags)
    let (findings, compiled) = workspace.check(chosen, compiler: compiler, known: known)
    for finding in findings where !finding.isRemark || policy.names(finding.diagnostic.code) {
      guard let weighed = policy.weighNamed(finding.diagnostic) else { continue }
      if weighed.severity == .error {
        errors[finding.node, default: []].append(weighed)
      } else {
        warnings.append(weighed)
      }
    }
    // Without rows, references are written in another way.
    if !workspace.flags.empty { repeatable = compiled.filter(\.value.isRepeatable) }
  }
}
