import Artifacts
import Diagnostics
import OrderedCollections
import ProjectModel
import Runner

/// How a run ends in dbt's words: what ran, what failed and where, what was skipped because of it, and the counts.
struct RunEnd {
  let outcome: Runner.Outcome
  let manifest: Manifest
  let layout: TargetLayout
  let storesFailures: Bool
  let renderer: DiagnosticRenderer
  let style: Style

  var statusCounts: RunCounts {
    var counts = RunCounts()
    for result in outcome.results { counts.add(result.status) }
    return counts
  }

  /// dbt's: 2 when the run was interrupted, or ended by a hook that cannot be rendered, 1 when a node failed, else 0.
  var exitCode: Int32 {
    if outcome.wasCancelled || outcome.isEndedByHook { return 2 }
    let isBad = statusCounts.error > 0 || !failed.isEmpty
    return isBad || outcome.diagnostics.contains { $0.severity == .error } ? 1 : 0
  }

  var events: [LogEvent] { [.gap, finished] + eventsWithoutStatistics }

  /// All but the line that says what ran.
  var eventsWithoutStatistics: [LogEvent] {
    var events: [LogEvent] = [.gap]
    for diagnostic in outcome.diagnostics {
      events += [event(for: diagnostic), .gap]
    }
    events.append(verdict)
    for result in failed + partlyDone { events += problem(result, isWarning: false) }
    for result in warned { events += problem(result, isWarning: true) }
    events += skips
    events += [.gap, counts]
    return events
  }

  /// What belongs to no node.
  func event(for diagnostic: Diagnostic) -> LogEvent {
    LogEvent(
      "MainEncounteredError", "Z002", diagnostic.severity == .error ? .error : .warn,
      Self.lines(renderer.render(diagnostic)), data: ["exc": .string(diagnostic.summary)])
  }

  // MARK: What ran

  var finished: LogEvent {
    var kinds: [String: Int] = [:]
    for result in outcome.results {
      guard let node = manifest.runnable(result.node) else {
        kinds[result.node.rawValue.split(separator: ".").first.map(String.init) ?? "node", default: 0] += 1
        continue
      }
      switch node.resourceType {
      case .model: kinds["\(node.config.materialized) model", default: 0] += 1
      case .operation: kinds["project hook", default: 0] += 1
      default: kinds[node.resourceType.rawValue, default: 0] += 1
      }
    }
    let line = kinds.sorted { $0.key < $1.key }.map { ResourceCount.text($0.value, of: $0.key) }
      .joined(separator: ", ")
    let whole = Int(outcome.elapsed)
    let rest = outcome.elapsed - Double(whole / 60 * 60)
    let duration =
      " in \(whole / 3600) hours \(whole / 60 % 60) minutes and \(ResultLine.seconds(rest).dropLast()) seconds"
    return LogEvent(
      "FinishedRunningStats", "E047", .info,
      "Finished running \(line)\(duration) (\(ResultLine.seconds(outcome.elapsed))).",
      data: [
        "stat_line": .string(line), "execution": .string(duration),
        "execution_time": .double(outcome.elapsed),
      ])
  }

  // MARK: What failed

  private var failed: [NodeResult] {
    outcome.results.filter { result in
      switch result.status {
      case .error, .fail: true
      case .skipped: result.message != nil && manifest.runnable(result.node) != nil
      default: false
      }
    }
  }

  /// Models some of whose batches failed: no errors in the count, but their batches' mistakes are told.
  private var partlyDone: [NodeResult] { outcome.results.filter { $0.status == .partialSuccess } }

  private var warned: [NodeResult] { outcome.results.filter { $0.status == .warn } }

  private var verdict: LogEvent {
    let errors = failed.count + outcome.diagnostics.count { $0.severity == .error }
    let partial = partlyDone.count
    let warnings = "\(warned.count) warning\(warned.count == 1 ? "" : "s")"
    let partials = "\(partial) partial \(partial == 1 ? "success" : "successes")"
    let text: String =
      if outcome.wasCancelled {
        style.caution("Exited because of keyboard interrupt")
      } else if errors > 0 {
        style.bad("Completed with \(errors) error\(errors == 1 ? "" : "s"), \(partials), and \(warnings):")
      } else if partial > 0 {
        style.caution("Completed with \(partials) and \(warnings)")
      } else if !warned.isEmpty {
        style.caution("Completed with \(warnings):")
      } else {
        style.good("Completed successfully")
      }
    return LogEvent(
      "EndOfRunSummary", "Z030", .info, text,
      data: [
        "num_errors": .int(errors), "num_warnings": .int(warned.count), "num_partial_success": .int(partial),
        "keyboard_interrupt": .bool(outcome.wasCancelled),
      ])
  }

  private func problem(_ result: NodeResult, isWarning: Bool) -> [LogEvent] {
    // What stopped in an ephemeral model is that model's mistake, and told of one of its readers.
    let failed = result.status == .skipped ? result.skippedBecauseOf : result.node
    guard let node = failed.flatMap({ manifest.runnable($0) }),
      result.status != .skipped || !result.diagnostics.isEmpty
    else { return [] }
    let info = NodeInfo(node).value
    let head = "\(node.resourceType.rawValue) \(node.name) (\(node.originalFilePath))"
    let group = manifest.groupInfo(of: node)
    var about: OrderedDictionary<String, PlainValue> = [
      "node_info": info, "node_name": .string(node.name), "path": .string(node.originalFilePath),
      "resource_type": .string(node.resourceType.rawValue),
    ]
    if let group { about["group"] = group }
    var events: [LogEvent] = [
      .gap,
      isWarning
        ? LogEvent(
          "RunResultWarning", "Z021", .warn, style.caution("Warning in \(head)"), data: about)
        : LogEvent(
          "RunResultFailure", "Z022", .error, style.bad("Failure in \(head)"), data: about),
    ]
    let text = message(of: result)
    if isWarning {
      events.append(
        LogEvent(
          "RunResultWarningMessage", "Z046", .warn, text, data: ["msg": .string(text), "node_info": info]))
    } else if text.isEmpty {
      events.append(
        LogEvent(
          "RunResultErrorNoMessage", "Z025", .error, "  Status: \(result.status.rawValue)",
          data: ["status": .string(result.status.rawValue), "node_info": info]))
    } else {
      events.append(
        LogEvent(
          "RunResultError", "Z024", .error, "  " + text,
          data: ["msg": .string(result.message ?? text), "node_info": info]))
    }
    if result.compiledCode != nil, node.resourceType != .seed {
      let path = layout.compiledPath(of: node)
      events += [
        .gap,
        LogEvent(
          "SQLCompiledPath", "Z026", .info, "  compiled code at \(path)",
          data: ["path": .string(path), "node_info": info]),
      ]
    }
    if keepsRows(node), let relation = result.relationName {
      let query = "select * from \(relation)"
      let border = "  " + String(repeating: "-", count: query.count)
      events += [
        .gap,
        LogEvent(
          "CheckNodeTestFailure", "Z027", .info, "  See test failures:\n\(border)\n  \(query)\n\(border)",
          data: ["relation_name": .string(relation), "node_info": info]),
      ]
    }
    if let group { for index in events.indices where index > 1 { events[index].data["group"] = group } }
    return events
  }

  /// dbt's sentence for a test; for everything else the line that dbt begins with, then code frames.
  private func message(of result: NodeResult) -> String {
    let isVerdict = result.status == .fail || result.status == .warn
    guard isVerdict else {
      let frames = self.frames(result.diagnostics)
      guard !frames.isEmpty else { return result.message ?? "" }
      guard let head = result.message?.split(separator: "\n").first, head.contains(" Error in ") else {
        return frames
      }
      return head + "\n" + frames
    }
    // Sample rows are many lines of one note and stand below its first.
    let notes = result.diagnostics.flatMap(\.notes).map { "  " + $0.replacing("\n", with: "\n    ") }
    return ([result.message ?? ""] + notes).joined(separator: "\n")
  }

  func frames(_ diagnostics: [Diagnostic]) -> String {
    // Batches of one model often fail alike.
    var seen: Set<String> = []
    return diagnostics.map { Self.lines(renderer.render($0)) }.filter { seen.insert($0).inserted }
      .joined(separator: "\n")
  }

  private func keepsRows(_ node: Node) -> Bool {
    node.resourceType == .test && (node.config["store_failures"]?.bool ?? storesFailures)
  }

  /// A drawing without its last line end.
  private static func lines(_ text: String) -> String {
    text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  // MARK: What was skipped

  private var skips: [LogEvent] {
    var groups: OrderedDictionary<NodeID, [String]> = [:]
    for result in outcome.results where result.status == .skipped {
      if let cause = result.skippedBecauseOf { groups[cause, default: []].append(name(of: result.node)) }
    }
    return groups.flatMap { cause, names -> [LogEvent] in
      let rest = names.count > 8 ? " and \(names.count - 8) more" : ""
      let shown = names.prefix(8).joined(separator: ", ") + rest
      return [.gap, .note("Skipped because \(name(of: cause)) failed: \(shown)")]
    }
  }

  private func name(of id: NodeID) -> String { manifest.runnable(id)?.name ?? id.rawValue }

  private var counts: LogEvent {
    let counts = statusCounts
    return LogEvent(
      "StatsLine", "Z023", .info,
      "Done. PASS=\(counts.pass) WARN=\(counts.warn) ERROR=\(counts.error) SKIP=\(counts.skip) "
        + "NO-OP=\(counts.noOp) TOTAL=\(counts.total)",
      data: [
        "stats": [
          "error": .int(counts.error), "skip": .int(counts.skip), "pass": .int(counts.pass),
          "warn": .int(counts.warn), "noop": .int(counts.noOp), "total": .int(counts.total),
        ]
      ])
  }
}

/// Numbers of things in dbt's words: `1 seed`, `20 data tests`, `2 unit tests`.
enum ResourceCount {
  static func text(_ count: Int, of kind: String) -> String {
    let word: String =
      switch (kind, count) {
      case (_, 1): kind
      case ("test", _): "data tests"
      case ("analysis", _): "analyses"
      case ("saved_query", _): "saved_queries"
      default: kind + "s"
      }
    return "\(count) \(word.replacing("_", with: " "))"
  }

  /// `5 models, 3 seeds, 20 data tests, 477 macros`: what the project and its packages hold.
  static func found(in manifest: Manifest) -> String {
    var counts: OrderedDictionary<String, Int> = [:]
    for node in manifest.nodes.values { counts[node.resourceType.rawValue, default: 0] += 1 }
    func add(_ kind: ResourceType, _ count: Int) { counts[kind.rawValue, default: 0] += count }
    add(.source, manifest.sources.count)
    add(.exposure, manifest.exposures.count)
    add(.metric, manifest.opaque[.metric]?.count ?? 0)
    add(.macro, manifest.macros.count)
    add(.group, manifest.groups.count)
    add(.semanticModel, manifest.opaque[.semanticModel]?.count ?? 0)
    add(.savedQuery, manifest.opaque[.savedQuery]?.count ?? 0)
    add(.unitTest, manifest.opaque[.unitTest]?.count ?? 0)
    return counts.filter { $0.value > 0 }.map { text($0.value, of: $0.key) }.joined(separator: ", ")
  }
}
