import Artifacts
import ProjectModel

/// What the page shows of runs: the last one's results with their place in its time, and the ones before.
extension SiteData {
  mutating func writeResult(_ id: NodeID) {
    guard let result = input.results[id] else { return }
    json.beginObject("result")
    text("status", result.status.rawValue)
    text("message", result.message)
    json.field("time", Self.rounded(result.executionTime))
    if let rows = result.rowsAffected, rows >= 0 { json.field("rows", rows) }
    if let failures = result.failures { json.field("failures", failures) }
    text("skippedBecauseOf", result.skippedBecauseOf?.rawValue)
    if let began = result.timing.map(\.startedAt).min(), let run = input.lastRun {
      json.field("start", Self.rounded(max(0, began - run.startedAt)))
      json.field("thread", thread(result.threadName))
    }
    json.endObject()
  }

  /// Milliseconds are fine enough.
  private static func rounded(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }

  private mutating func thread(_ name: String) -> Int {
    if let known = threads[name] { return known }
    threads[name] = threads.count
    return threads.count - 1
  }

  /// Earlier runs, the oldest first: for each its outcomes as `[node, status, seconds, rows]`.
  mutating func writeRuns() {
    guard !input.runs.isEmpty else { return }
    json.beginArray("runs")
    for run in input.runs {
      json.beginObject()
      text("command", run.run.command)
      json.field("started", run.run.startedAt)
      json.field("elapsed", run.run.elapsed)
      json.beginArray("outcomes")
      for outcome in run.outcomes {
        guard let position = lineage.index[outcome.node] else { continue }
        json.beginArray()
        json.int(position)
        json.string(outcome.status)
        json.double(Self.rounded(outcome.seconds))
        if let rows = outcome.rows { json.int(rows) }
        json.endArray()
      }
      json.endArray()
      json.endObject()
    }
    json.endArray()
  }
}
