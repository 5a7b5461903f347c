import Artifacts
import Diagnostics
import DocsSite
import ProjectModel

/// `target/whc-runs.json`: what became of the nodes in the runs that were documented, the oldest first.
///
/// `run_results.json` knows only the last run; each page that is written adds that run here.
struct RunHistory {
  /// More runs than this are forgotten, the oldest first.
  static let limit = 20

  private(set) var runs: [DocsInput.PastRun] = []

  /// Nothing where none is kept.
  ///
  /// - Throws: `broken-json`.
  init(in folder: String) throws(DiagnosticsError) {
    let path = folder + "/whc-runs.json"
    guard let bytes = try ArtifactFile.read(path) else { return }
    let entries = try JSONReader.read(bytes, file: path).mapping?["runs"]?.list ?? []
    runs = entries.compactMap(\.mapping).map { entry in
      let outcomes = (entry["outcomes"]?.list ?? []).compactMap(\.list).compactMap(Self.outcome)
      return DocsInput.PastRun(
        run: DocsInput.LastRun(
          command: entry["command"]?.string ?? "", startedAt: LastRun.number(entry["started"]) ?? 0,
          elapsed: LastRun.number(entry["elapsed"]) ?? 0),
        outcomes: outcomes)
    }
  }

  /// Adds the last run, unless it is there already.
  ///
  /// - Returns: whether there is something new to keep.
  mutating func add(_ last: LastRun) -> Bool {
    guard let run = last.run, run.startedAt > 0, !runs.contains(where: { $0.run.startedAt == run.startedAt })
    else { return false }
    let outcomes = last.results.values.filter { !$0.node.rawValue.hasPrefix("test.") }
      .sorted { $0.node.rawValue < $1.node.rawValue }
      .map { result in
        DocsInput.PastRun.Outcome(
          node: result.node, status: result.status.rawValue, seconds: result.executionTime,
          rows: result.rowsAffected.flatMap { $0 < 0 ? nil : $0 })
      }
    guard !outcomes.isEmpty else { return false }
    runs.append(DocsInput.PastRun(run: run, outcomes: outcomes))
    runs.removeFirst(max(0, runs.count - Self.limit))
    return true
  }

  /// - Throws: `cannot-write`.
  func write(in folder: String) throws(DiagnosticsError) {
    var json = JSONWriter()
    json.beginObject()
    json.beginArray("runs")
    for run in runs {
      json.beginObject()
      json.field("command", run.run.command)
      json.field("started", run.run.startedAt)
      json.field("elapsed", run.run.elapsed)
      json.beginArray("outcomes")
      for outcome in run.outcomes {
        json.beginArray()
        json.string(outcome.node.rawValue)
        json.string(outcome.status)
        json.double(outcome.seconds)
        if let rows = outcome.rows { json.int(rows) }
        json.endArray()
      }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    json.endObject()
    try ArtifactFile.write(json.bytes, to: folder + "/whc-runs.json")
  }

  private static func outcome(_ parts: [PlainValue]) -> DocsInput.PastRun.Outcome? {
    guard parts.count >= 3, let id = parts[0].string, let status = parts[1].string else { return nil }
    return .init(
      node: NodeID(id), status: status, seconds: LastRun.number(parts[2]) ?? 0,
      rows: parts.count > 3 ? parts[3].int : nil)
  }
}
