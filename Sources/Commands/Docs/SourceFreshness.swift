import Artifacts
import Diagnostics
import DocsSite
import ProjectModel

/// What the newest sources.json in the target folder says.
enum SourceFreshness {
  /// Nothing when freshness was never measured.
  ///
  /// - Throws: `broken-json`.
  static func read(in folder: String) throws(DiagnosticsError) -> [NodeID: DocsInput.Freshness] {
    let path = folder + "/sources.json"
    guard let bytes = try ArtifactFile.read(path) else { return [:] }
    let results = try JSONReader.read(bytes, file: path).mapping?["results"]?.list ?? []
    var found: [NodeID: DocsInput.Freshness] = [:]
    for entry in results.compactMap(\.mapping) {
      guard let id = entry["unique_id"]?.string, let status = entry["status"]?.string else { continue }
      var freshness = DocsInput.Freshness(status: status)
      freshness.loadedAt = entry["max_loaded_at"]?.string.map(LastRun.seconds)
      freshness.measuredAt = entry["snapshotted_at"]?.string.map(LastRun.seconds)
      freshness.age = entry["max_loaded_at_time_ago_in_s"].flatMap(LastRun.number)
      freshness.warnAfter = period(entry["criteria"]?.mapping?["warn_after"])
      freshness.errorAfter = period(entry["criteria"]?.mapping?["error_after"])
      freshness.message = entry["error"]?.string
      found[NodeID(id)] = freshness
    }
    return found
  }

  /// `12 hour` of `{count: 12, period: hour}`.
  private static func period(_ value: PlainValue?) -> String? {
    guard let count = value?.mapping?["count"]?.int, let period = value?.mapping?["period"]?.string else {
      return nil
    }
    return "\(count) \(period)\(count == 1 ? "" : "s")"
  }
}
