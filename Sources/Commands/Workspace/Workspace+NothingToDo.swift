import Diagnostics
import Runner

extension Workspace {
  /// Ends a command whose selection left nothing to carry out.
  ///
  /// Its results are written, without an entry: who reads run_results.json must not take those of an earlier run for
  /// this one's.
  func endWithNothingToDo(_ command: String) throws(DiagnosticsError) {
    try tellNothingToDo()
    try writeManifest(compiled: [:])
    try writeRunResults(.nothing, command: command)
  }

  /// dbt's warning of the name.
  ///
  /// - Throws: `nothing-to-do` where warnings are errors.
  func tellNothingToDo() throws(DiagnosticsError) {
    let text = "Nothing to do. Try checking your model configs and model specification args"
    let warning = Diagnostic("nothing-to-do", severity: .warning, text)
    for weighed in try weighed([warning]) {
      console.tell(LogEvent(weighed, rendered: text))
    }
  }
}

extension Runner.Outcome {
  /// What becomes of a run without nodes.
  static var nothing: Runner.Outcome {
    Runner.Outcome(results: [], diagnostics: [], wasCancelled: false, elapsed: 0)
  }
}
