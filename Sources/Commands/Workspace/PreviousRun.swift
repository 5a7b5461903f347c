import Artifacts
import Compiler
import Diagnostics
import ProjectModel

/// What an earlier run left in a folder.
enum PreviousRun {
  /// For `state:`, `result:` and `source_status:` selection.
  ///
  /// - Throws: `no-state` when the folder holds no manifest.json, `broken-json` or `foreign-artifact`.
  static func state(in folder: String) throws(DiagnosticsError) -> PreviousState {
    let file = folder + "/manifest.json"
    guard let bytes = try ArtifactFile.read(file) else {
      throw DiagnosticsError(
        Diagnostic(
          "no-state", "there is no manifest.json in \(folder)",
          help: "--state names the target folder of an earlier run, copied aside"))
    }
    let manifest = try ManifestReader.read(bytes, file: file)
    var state = PreviousState(manifest: manifest)
    let results = folder + "/run_results.json"
    if let bytes = try ArtifactFile.read(results) {
      state.results = try RunResultsArtifact.statuses(in: bytes, file: results)
    }
    return state
  }
}
