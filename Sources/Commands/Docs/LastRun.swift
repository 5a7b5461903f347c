import Artifacts
import Diagnostics
import DocsSite
import Foundation
import OrderedCollections
import ProjectModel

/// What the newest run_results.json in the target folder says.
struct LastRun {
  var results: [NodeID: NodeResult] = [:]
  var run: DocsInput.LastRun?

  /// Nothing when there was no run yet.
  ///
  /// - Throws: `broken-json`, `foreign-artifact`.
  init(in folder: String) throws(DiagnosticsError) {
    let path = folder + "/run_results.json"
    guard let bytes = try ArtifactFile.read(path) else { return }
    for result in try RunResultsArtifact.read(bytes, file: path) { results[result.node] = result }
    guard let root = try JSONReader.read(bytes, file: path).mapping else { return }
    for entry in (root["results"]?.list ?? []).compactMap(\.mapping) {
      guard let id = entry["unique_id"]?.string else { continue }
      results[NodeID(id)]?.timing = (entry["timing"]?.list ?? []).compactMap(\.mapping).map(Self.timing)
    }
    let begin = root["metadata"]?.mapping?["invocation_started_at"]?.string ?? ""
    run = DocsInput.LastRun(
      command: root["args"]?.mapping?["which"]?.string ?? "", startedAt: Self.seconds(begin),
      elapsed: Self.number(root["elapsed_time"]) ?? 0)
  }

  private static func timing(_ entry: OrderedDictionary<String, PlainValue>) -> NodeResult.Timing {
    NodeResult.Timing(
      name: entry["name"]?.string ?? "", startedAt: seconds(entry["started_at"]?.string ?? ""),
      completedAt: seconds(entry["completed_at"]?.string ?? ""))
  }

  static func number(_ value: PlainValue?) -> Double? {
    switch value {
    case .double(let value)?: value
    case .int(let value)?: Double(value)
    default: nil
    }
  }

  /// Seconds since 1970 of `2026-11-21T12:23:48.332071Z`; 0 for what is no such time.
  static func seconds(_ text: String) -> Double {
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
    guard numbers.count >= 6 else { return 0 }
    var parts = tm()
    parts.tm_year = Int32(numbers[0] - 1900)
    parts.tm_mon = Int32(numbers[1] - 1)
    parts.tm_mday = Int32(numbers[2])
    parts.tm_hour = Int32(numbers[3])
    parts.tm_min = Int32(numbers[4])
    parts.tm_sec = Int32(numbers[5])
    let fraction = text.split(separator: ".").dropFirst().first.map { $0.prefix { $0.isNumber } } ?? ""
    return Double(timegm(&parts)) + (Double("0." + fraction) ?? 0)
  }
}
