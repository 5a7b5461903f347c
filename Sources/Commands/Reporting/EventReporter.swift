import Diagnostics
import OrderedCollections
import ProjectModel
import Runner
import Synchronization

/// Turns what happens in a run into dbt's events: a line when a node starts and one when it ends, for pipes, log
/// readers and the log file.
final class EventReporter: RunReporter {
  private struct State {
    var total = 0
    var started: [NodeID: Double] = [:]
  }

  private let console: Console
  private let targetName: String
  private let onTerminal: Bool
  private let nodes: @Sendable (NodeID) -> Node?
  private let group: @Sendable (Node) -> PlainValue?
  private let style: Style
  private let now: @Sendable () -> Double
  private let state = Mutex(State())

  /// - Parameter onTerminal: false when the terminal shows the run in another way and only the log file hears of it.
  init(
    _ console: Console, targetName: String, onTerminal: Bool = true,
    now: @escaping @Sendable () -> Double = { Clock.now() },
    group: @escaping @Sendable (Node) -> PlainValue? = { _ in nil },
    nodes: @escaping @Sendable (NodeID) -> Node?
  ) {
    self.console = console
    self.targetName = targetName
    self.onTerminal = onTerminal
    self.nodes = nodes
    self.group = group
    self.now = now
    style = Style(isOn: onTerminal && console.output.usesColor)
  }

  func receive(_ event: RunEvent) {
    switch event {
    case .began(let total, let threads):
      state.withLock { $0.total = total }
      tell(.gap)
      tell(
        LogEvent(
          "ConcurrencyLine", "Q027", .info, "Concurrency: \(threads) threads (target='\(targetName)')",
          data: [
            "node_count": .int(total), "num_threads": .int(threads), "target_name": .string(targetName),
          ]))
      tell(.gap)
    case .started(let id, let position):
      guard let node = nodes(id) else { return }
      let time = now()
      let total = state.withLock {
        $0.started[id] = time
        return $0.total
      }
      let description = "\(NodeLabel(node).kind) \(NodeLabel(node).name)"
      func step(_ name: String, _ code: String, _ words: String, _ info: NodeInfo) -> LogEvent {
        LogEvent(
          name, code, .debug, "\(words) node \(id.rawValue)", data: ["node_info": info.value])
      }
      let info = self.info(node, startedAt: time)
      tell(step("NodeStart", "Q024", "Began running", info))
      tell(
        LogEvent(
          "LogStartLine", "Q011", .info,
          line("START \(description)", status: "RUN", position, total),
          data: [
            "description": .string(description), "index": .int(position), "total": .int(total),
            "node_info": info.value,
          ]))
      tell(
        step(
          "NodeCompiling", "Q030", "Began compiling", self.info(node, status: "compiling", startedAt: time)))
      tell(
        step(
          "NodeExecuting", "Q031", "Began executing", self.info(node, status: "executing", startedAt: time)))
    case .finished(let result, let position):
      guard let node = nodes(result.node) else {
        tell(withoutNode(result, position))
        return
      }
      let (total, begin) = state.withLock { ($0.total, $0.started[result.node]) }
      let event = resultEvent(of: node, result, position, total, startedAt: begin)
      tell(event)
      tell(
        LogEvent(
          "NodeFinished", "Q025", .debug, "Finished running node \(node.id.rawValue)",
          data: [
            "node_info": event.data["node_info"] ?? [:],
            "run_result": console.keepsData ? ResultInfo(result).value : [:],
          ],
          thread: result.threadName))
    case .hookStarted(let id, let place):
      guard let node = nodes(id) else { return }
      // The hooks at the end stand apart from the nodes before them.
      if place.position == 1, node.tags.contains("on-run-end") { tell(.gap) }
      tell(
        LogEvent(
          "LogHookStartLine", "Q032", .info,
          line("START hook: \(place.name)", status: "RUN", place.position, place.total),
          data: hookData(place, info(node, startedAt: now()))))
    case .hookFinished(let result, let place):
      guard let node = nodes(result.node) else { return }
      tell(hookEnd(result, node, place))
      if place.position == place.total, node.tags.contains("on-run-start") { tell(.gap) }
    case .batchStarted(let id, let place):
      guard let node = nodes(id) else { return }
      let text = "START batch \(place.label) of \(NodeLabel(node).name)"
      tell(
        LogEvent(
          "LogStartBatch", "Q045", .info,
          "Batch " + line(text, status: "RUN", place.position, place.total),
          data: batchData(node, place)))
    case .batchFinished(let result, let place):
      guard let node = nodes(result.node) else { return }
      tell(batchEnd(result, node, place))
    case .message(.print, let text, _):
      if onTerminal, console.flags.print { console.print(text) }
    case .message(let level, let text, let id):
      tell(message(level, text, id))
    case .diagnostic(let diagnostic): console.report([diagnostic])
    case .cancelling: tell(.note("Cancelling what is running …"))
    case .ended: break
    }
  }

  private func tell(_ event: LogEvent) { console.tell(event, onTerminal: onTerminal) }

  /// Nothing where nobody reads it: a run tells of each node five times.
  private func info(
    _ node: Node, status: String? = nil, startedAt: Double? = nil, finishedAt: Double? = nil
  ) -> NodeInfo {
    console.keepsData
      ? NodeInfo(node, status: status, startedAt: startedAt, finishedAt: finishedAt) : NodeInfo(value: [:])
  }

  // MARK: Lines

  func line(
    _ text: String, status: String, _ position: Int, _ total: Int, seconds: Double? = nil
  ) -> String {
    let head = "\(position) of \(total) \(text) "
    let dots = String(repeating: ".", count: max(0, console.flags.printerWidth - head.count))
    return "\(head)\(dots) [\(status)\(seconds.map { " in " + ResultLine.seconds($0) } ?? "")]"
  }

  private func message(_ level: RunEvent.Level, _ text: String, _ id: NodeID?) -> LogEvent {
    var data: OrderedDictionary<String, PlainValue> = ["msg": .string(text)]
    if let node = id.flatMap(nodes) { data["node_info"] = info(node).value }
    return switch level {
    case .debug: LogEvent("JinjaLogDebug", "I063", .debug, text, data: data)
    case .info, .print: LogEvent("JinjaLogInfo", "I062", .info, text, data: data)
    case .warn: LogEvent("JinjaLogWarning", "I061", .warn, text, data: data)
    case .error: LogEvent("JinjaLogWarning", "I061", .error, text, data: data)
    }
  }

  private func hookData(
    _ place: RunEvent.HookPlace, _ info: NodeInfo
  ) -> OrderedDictionary<String, PlainValue> {
    [
      "statement": .string(place.name), "index": .int(place.position), "total": .int(place.total),
      "node_info": info.value,
    ]
  }

  private func batchData(
    _ node: Node, _ place: RunEvent.BatchPlace
  ) -> OrderedDictionary<String, PlainValue> {
    [
      "description": .string("batch \(place.label) of \(NodeLabel(node).name)"),
      "batch_index": .int(place.position), "total_batches": .int(place.total),
      "node_info": info(node).value,
    ]
  }

  private func batchEnd(_ result: NodeResult, _ node: Node, _ place: RunEvent.BatchPlace)
    -> LogEvent
  {
    let (word, shown): (String, String) =
      switch result.status {
      case .skipped: ("SKIP", style.caution("SKIPPED"))
      case .error: ("ERROR creating", style.bad("ERROR"))
      default: ("OK created", style.good(result.adapterMessage ?? "OK"))
      }
    var data = batchData(node, place)
    data["status"] = .string(
      result.status == .success ? result.message ?? "" : result.status.rawValue)
    data["execution_time"] = .double(result.executionTime)
    let text = "\(word) batch \(place.label) of \(NodeLabel(node).name)"
    return LogEvent(
      "LogBatchResult", "Q046", result.status == .error ? .error : .info,
      "Batch "
        + line(text, status: shown, place.position, place.total, seconds: result.executionTime),
      data: data, thread: result.threadName)
  }

  private func hookEnd(_ result: NodeResult, _ node: Node, _ place: RunEvent.HookPlace) -> LogEvent {
    let (word, shown): (String, String) =
      switch result.status {
      case .skipped: ("SKIP", style.caution("SKIP"))
      case .error: ("ERROR", style.bad("ERROR"))
      default: ("OK", style.good("OK"))
      }
    let end = now()
    var data = hookData(
      place,
      info(
        node, status: result.status.rawValue, startedAt: end - result.executionTime, finishedAt: end))
    data["status"] = .string(result.status.rawValue)
    data["execution_time"] = .double(result.executionTime)
    return LogEvent(
      "LogHookEndLine", "Q033", .info,
      line(
        "\(word) hook: \(place.name)", status: shown, place.position, place.total,
        seconds: result.executionTime), data: data)
  }

  /// What has nothing to carry out is no node: an exposure, a saved query.
  private func withoutNode(_ result: NodeResult, _ position: Int) -> LogEvent {
    let total = state.withLock { $0.total }
    let parts = result.node.rawValue.split(separator: ".", maxSplits: 2).map(String.init)
    let kind = (parts.first ?? "").replacing("_", with: " ")
    guard result.status == .noOp else {
      return LogEvent(
        "SkippingDetails", "Q034", .info,
        line("SKIP \(kind) \(parts.last ?? "")", status: style.caution("SKIP"), position, total),
        data: [
          "resource_type": .string(parts.first ?? ""), "node_name": .string(parts.last ?? ""), "schema": "",
          "index": .int(position), "total": .int(total),
        ])
    }
    return LogEvent(
      "LogNodeNoOpResult", "Q019", .info,
      line(
        "NO-OP \(kind) \(parts.last ?? "")", status: style.caution("NO-OP"), position, total,
        seconds: result.executionTime),
      data: ["index": .int(position), "total": .int(total), "status": .string("no-op")])
  }

  private func resultEvent(
    of node: Node, _ result: NodeResult, _ position: Int, _ total: Int, startedAt begin: Double?
  ) -> LogEvent {
    let label = NodeLabel(node)
    let info = self.info(
      node, status: result.status.rawValue, startedAt: begin ?? result.timing.first?.startedAt,
      finishedAt: result.timing.last?.completedAt ?? now())
    var data: OrderedDictionary<String, PlainValue> = [
      "execution_time": .double(result.executionTime), "index": .int(position), "total": .int(total),
      "status": .string(result.adapterMessage ?? result.status.rawValue), "node_info": info.value,
    ]
    if let group = group(node) { data["group"] = group }
    func event(
      _ name: String, _ code: String, _ level: LogEvent.Level, _ text: String, _ status: String,
      timed: Bool = true
    ) -> LogEvent {
      LogEvent(
        name, code, level,
        line(text, status: status, position, total, seconds: timed ? result.executionTime : nil),
        data: data, thread: result.threadName)
    }
    let isError = result.status == .error || result.status == .partialSuccess
    let level: LogEvent.Level = isError || result.status == .fail ? .error : .info
    let word = result.batches == nil ? result.adapterMessage : result.message
    let done = isError ? style.bad("ERROR") : style.good(word ?? "OK")
    if result.status == .skipped {
      data["resource_type"] = .string(node.resourceType.rawValue)
      data["node_name"] = .string(node.alias)
      data["schema"] = .string(node.relation?.schema ?? "")
      let isRelation = [.model, .seed, .snapshot].contains(node.resourceType)
      let what =
        isRelation ? "relation \(label.name)" : "\(node.resourceType.rawValue) \(node.name)"
      if isRelation, result.diagnostics.contains(where: { $0.facts[Diagnostic.ephemeralFact] != nil }) {
        return event(
          "LogSkipBecauseError", "Z034", .error, "SKIP \(what) due to ephemeral model status 'error'",
          style.bad("ERROR SKIP"), timed: false)
      }
      return event("SkippingDetails", "Q034", .info, "SKIP \(what)", style.caution("SKIP"), timed: false)
    }
    if result.status == .noOp {
      return event(
        "LogNodeNoOpResult", "Q019", .info, "NO-OP \(label.kind) \(label.name)", style.caution("NO-OP"))
    }
    switch node.resourceType {
    case .test, .unitTest:
      let name = node.resourceType == .unitTest ? label.name : node.name
      data["name"] = .string(name)
      data["num_failures"] = .int(result.failures ?? 0)
      data["num_models"] = .int(total)
      data["attached_node"] = .string(node.test?.attachedNode?.rawValue ?? "")
      data["status"] = .string(result.status.rawValue)
      let count = result.failures ?? 0
      let (word, shown, level): (String, String, LogEvent.Level) =
        switch result.status {
        case .pass, .success: ("PASS", style.good("PASS"), .info)
        case .warn: ("WARN \(count)", style.caution("WARN \(count)"), .warn)
        case .fail: ("FAIL \(count)", style.bad("FAIL \(count)"), .error)
        default: ("ERROR", style.bad("ERROR"), .error)
        }
      return event("LogTestResult", "Q007", level, "\(word) \(name)", shown)
    case .seed:
      data["status"] = .string(result.status.rawValue)
      data["relation"] = .string(node.alias)
      data["schema"] = .string(node.relation?.schema ?? "")
      data["result_message"] = .string(result.adapterMessage ?? "")
      return event(
        "LogSeedResult", "Q016", level,
        "\(isError ? "ERROR loading" : "OK loaded") \(label.kind) \(label.name)",
        done)
    case .function:
      data["description"] = .string("\(label.kind) \(label.name)")
      return event(
        "LogFunctionResult", "Q047", level,
        "\(isError ? "ERROR creating" : "OK created") \(label.kind) \(label.name)", done)
    case .snapshot:
      data["status"] = .string(result.status.rawValue)
      data["description"] = .string(label.name)
      data["result_message"] = .string(result.adapterMessage ?? "")
      data["cfg"] = .mapping(
        node.config.values.filter { !$0.value.isNull }.mapValues { .string($0.pythonText) })
      return event(
        "LogSnapshotResult", "Q015", level,
        isError ? "ERROR snapshotting \(label.kind) \(label.name)" : "OK snapshotted \(label.name)", done)
    default:
      data["description"] = .string("\(label.kind) \(label.name)")
      if result.status == .partialSuccess {
        data["status"] = .string(result.message ?? "")
        return event(
          "LogModelResult", "Q012", level, "PARTIALLY created \(label.kind) \(label.name)",
          style.caution(result.message ?? ""))
      }
      return event(
        "LogModelResult", "Q012", level,
        "\(isError ? "ERROR creating" : "OK created") \(label.kind) \(label.name)", done)
    }
  }
}

/// Several reporters that hear the same.
struct ReporterGroup: RunReporter {
  var members: [any RunReporter]

  func receive(_ event: RunEvent) {
    for member in members { member.receive(event) }
  }
}
