import Artifacts
import Compiler
import Diagnostics
import ProjectModel

/// What an earlier run left in a folder, by dbt or by whc.
///
/// A file that is not there is missed only by what asks for it.
enum PreviousRun {
  /// For `state:`, `result:` and `source_status:` selection.
  ///
  /// - Parameters:
  ///   - folder: the state folder.
  ///   - target: the target folder, whose sources.json is the present to compare with.
  /// - Throws: `no-folder`, `broken-json`, `foreign-artifact`, `incompatible-artifact`.
  static func state(in folder: String, target: String) throws(DiagnosticsError) -> PreviousState {
    var state = PreviousState()
    state.manifest = try manifest(in: folder)
    let results = folder + "/run_results.json"
    if let bytes = try ArtifactFile.read(results) {
      state.results = try RunResultsArtifact.statuses(in: bytes, file: results)
    }
    if let previous = try sourceTimes(in: folder), let current = try sourceTimes(in: target) {
      state.sourceTimes = (previous, current)
    }
    return state
  }

  /// nil when the folder holds none.
  static func manifest(in folder: String) throws(DiagnosticsError) -> Manifest? {
    let file = folder + "/manifest.json"
    return try ArtifactFile.read(file).map { bytes throws(DiagnosticsError) in
      try ManifestReader.read(bytes, file: file)
    }
  }

  private static func sourceTimes(in folder: String) throws(DiagnosticsError) -> [NodeID: String]? {
    let file = folder + "/sources.json"
    return try ArtifactFile.read(file).map { bytes throws(DiagnosticsError) in
      try SourcesArtifact.loadedTimes(in: bytes, file: file)
    }
  }
}
