import Diagnostics
import Foundation
import ProjectModel
import Runner
import Synchronization

/// For a person at a terminal: finished nodes scroll by, and below them stands what is happening now: a
/// bar, the counts, and what is running for how long.
final class LiveReporter: RunReporter {
  private struct State {
    var total = 0
    var finished = 0
    var counts = RunCounts()
    var running: [(node: NodeID, since: Double)] = []
    var isOver = false
    var isCancelling = false
  }

  private let terminal: Terminal
  private let region: LiveRegion
  private let style: Style
  private let nodes: @Sendable (NodeID) -> Node?
  private let state = Mutex(State())
  private let clock = Mutex<Task<Void, Never>?>(nil)

  init(terminal: Terminal, region: LiveRegion, nodes: @escaping @Sendable (NodeID) -> Node?) {
    self.terminal = terminal
    self.region = region
    self.nodes = nodes
    style = Style(isOn: terminal.usesColor)
    let task = Task.detached { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(100))
        self?.redraw()
      }
    }
    clock.withLock { $0 = task }
  }

  deinit { clock.withLock { $0?.cancel() } }

  func receive(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .began(let total, _):
        state.total = total
      case .started(let node, _):
        state.running.append((node, Clock.now()))
      case .finished(let result, _):
        state.running.removeAll { $0.node == result.node }
        state.finished += 1
        state.counts.add(result.status)
        if let node = nodes(result.node) { scroll(line(for: node, result), state) }
      case .hookStarted, .batchStarted, .batchFinished: break
      case .hookFinished(let result, _):
        if let node = nodes(result.node) { scroll(line(for: node, result), state) }
      case .message(let level, let text, _):
        if level != .debug { scroll(message(text, level), state) }
      case .diagnostic(let diagnostic):
        let place = diagnostic.span.map { " (\($0.place))" } ?? ""
        scroll(message("\(diagnostic.severity.rawValue): \(diagnostic.summary)\(place)", .warn), state)
      case .cancelling:
        state.isCancelling = true
        draw(state)
      case .ended:
        region.write(below: [], on: terminal)
        state.isOver = true
      }
    }
    if case .ended = event { clock.withLock { $0?.cancel() } }
  }

  private func redraw() {
    state.withLock { draw($0) }
  }

  private func scroll(_ line: String, _ state: State) {
    region.write(line + "\n", below: isDrawn(state) ? liveLines(state) : [], on: terminal)
  }

  private func draw(_ state: State) {
    if isDrawn(state) { region.write(below: liveLines(state), on: terminal) }
  }

  private func isDrawn(_ state: State) -> Bool { !state.isOver && state.total > 0 }

  private func liveLines(_ state: State) -> [String] {
    let width = terminal.width
    let barWidth = max(10, min(40, width - 60))
    let filled = state.total == 0 ? 0 : barWidth * state.finished / state.total
    let bar =
      style.accent(String(repeating: "━", count: filled))
      + style.quiet(String(repeating: "─", count: barWidth - filled))
    let counts = state.counts
    var head = "\(bar) \(state.finished)/\(state.total)"
    var used = barWidth + 1 + "\(state.finished)/\(state.total)".count
    // A line that went over the window's edge could not be taken back.
    func add(_ text: String, _ paint: (String) -> String) {
      guard used + 2 + text.count < width else { return }
      used += 2 + text.count
      head += "  " + paint(text)
    }
    if state.isCancelling { add("cancelling", style.caution) }
    add("\(counts.pass) pass", style.good)
    if counts.error > 0 { add("\(counts.error) error", style.bad) }
    if counts.warn > 0 { add("\(counts.warn) warn", style.caution) }
    if counts.skip > 0 { add("\(counts.skip) skip", style.quiet) }
    let now = Clock.now()
    let running = state.running.prefix(8).compactMap { entry -> String? in
      guard let node = nodes(entry.node) else { return nil }
      let name = String(NodeLabel(node).name.prefix(max(10, width - 20)))
      return "  \(style.accent("▸")) \(name) \(style.quiet(ResultLine.seconds(now - entry.since)))"
    }
    return [head] + running
  }

  private func line(for node: Node, _ result: NodeResult) -> String {
    let mark: String =
      switch result.status {
      case .success, .pass: style.good("ok   ")
      case .warn: style.caution("warn ")
      case .fail: style.bad("fail ")
      case .error, .partialSuccess: style.bad("error")
      case .skipped: style.quiet("skip ")
      case .noOp: style.quiet("no-op")
      }
    let label = NodeLabel(node)
    let width = terminal.width
    let tail = detail(node, result)
    let room = max(12, width - 10 - tail.count)
    var name = label.name
    if name.count > room { name = name.prefix(room - 1) + "…" }
    let gap = String(repeating: " ", count: max(2, width - 8 - name.count - tail.count))
    return "  \(mark) \(name)\(gap)\(style.quiet(tail))"
  }

  private func message(_ text: String, _ level: RunEvent.Level) -> String {
    let indent = String(repeating: " ", count: 8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
      DiagnosticRenderer.lines(of: String($0), width: terminal.width - indent.count)
    }
    return lines.map { indent + (level == .info ? style.quiet($0) : style.caution($0)) }
      .joined(separator: "\n")
  }

  private func detail(_ node: Node, _ result: NodeResult) -> String {
    let time = ResultLine.seconds(result.executionTime)
    switch result.status {
    case .skipped: return "skipped"
    case .fail, .warn: return "\(result.failures ?? 0) rows  \(time)"
    case .success:
      let kind = node.resourceType == .model ? node.config.materialized : node.resourceType.rawValue
      return (result.rowsAffected.map { "\($0) rows  " } ?? "") + "\(kind)  \(time)"
    default: return time
    }
  }
}
