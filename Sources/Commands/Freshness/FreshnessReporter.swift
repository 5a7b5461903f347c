import OrderedCollections
import ProjectModel
import Runner
import Synchronization

/// Tells a freshness run in dbt's lines: `3 of 7 WARN freshness of shop.orders`. Hooks and messages are told as in
/// other runs.
final class FreshnessReporter: RunReporter {
  private let console: Console
  private let manifest: Manifest
  private let others: EventReporter
  private let state = Mutex((total: 0, started: [NodeID: Double]()))

  init(_ console: Console, manifest: Manifest, targetName: String) {
    self.console = console
    self.manifest = manifest
    others = EventReporter(console, targetName: targetName) { manifest.nodes[$0] }
  }

  func receive(_ event: RunEvent) {
    switch event {
    case .began(let total, _):
      state.withLock { $0.total = total }
      others.receive(event)
    case .started(let id, let position):
      guard let source = manifest.sources[id] else { return others.receive(event) }
      let time = Clock.now()
      let total = state.withLock {
        $0.started[id] = time
        return $0.total
      }
      let description = "freshness of \(source.sourceName).\(source.name)"
      console.tell(
        LogEvent(
          "LogStartLine", "Q011", .info, others.line("START \(description)", status: "RUN", position, total),
          data: [
            "description": .string(description), "index": .int(position), "total": .int(total),
            "node_info": NodeInfo(source, status: "started", startedAt: time).value,
          ]))
    case .finished(let result, let position):
      guard let source = manifest.sources[result.node] else { return others.receive(event) }
      console.tell(self.result(result, of: source, position))
    default: others.receive(event)
    }
  }

  private func result(_ result: NodeResult, of source: SourceDefinition, _ position: Int) -> LogEvent {
    let (total, begin) = state.withLock { ($0.total, $0.started[source.id]) }
    let style = console.style
    let (word, shown, status, level): (String, String, String, LogEvent.Level) =
      switch result.status {
      case .pass: ("PASS", style.good("PASS"), "pass", .info)
      case .warn: ("WARN", style.caution("WARN"), "warn", .warn)
      case .error where result.freshness != nil:
        ("ERROR STALE", style.bad("ERROR STALE"), "error", .error)
      case .skipped: ("SKIP", style.caution("SKIP"), "skipped", .info)
      default: ("ERROR", style.bad("ERROR"), "runtime error", .error)
      }
    let info = NodeInfo(
      source, status: status, startedAt: begin, finishedAt: result.timing.last?.completedAt)
    return LogEvent(
      "LogFreshnessResult", "Q018", level,
      others.line(
        "\(word) freshness of \(source.sourceName).\(source.name)", status: shown, position, total,
        seconds: result.executionTime),
      data: [
        "execution_time": .double(result.executionTime), "index": .int(position), "total": .int(total),
        "node_info": info.value, "source_name": .string(source.sourceName), "status": .string(status),
        "table_name": .string(source.name),
      ], thread: result.threadName)
  }
}

extension NodeInfo {
  init(_ source: SourceDefinition, status: String, startedAt: Double? = nil, finishedAt: Double? = nil) {
    self.init(
      value: [
        "materialized": "", "meta": source.config["meta"] ?? [:], "node_checksum": "",
        "node_finished_at": .string(finishedAt.map { Clock.timestamp($0) } ?? ""),
        "node_name": .string(source.name), "node_path": .string(source.path),
        "node_relation": [
          "alias": "", "database": .string(source.relation.database ?? ""),
          "relation_name": .string(Self.quoted(source.relation)),
          "schema": .string(source.relation.schema ?? ""),
        ],
        "node_started_at": .string(startedAt.map { Clock.timestamp($0) } ?? ""),
        "node_status": .string(status), "resource_type": "source", "unique_id": .string(source.id.rawValue),
      ])
  }
}
