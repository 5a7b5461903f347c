import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel
import Runner
import Synchronization

/// Sends OpenLineage events as a run goes on. What cannot be sent holds up nothing and fails nothing.
final class OpenLineageReporter: RunReporter {
  private struct State {
    var runs: [NodeID: String] = [:]
    var waiting: [[UInt8]] = []
    var isSending = false
    var problem: String?
  }

  private let events: OpenLineageEvents
  private let settings: OpenLineageSettings
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "whc.openlineage")
  private let idle = DispatchSemaphore(value: 0)

  init(_ events: OpenLineageEvents, _ settings: OpenLineageSettings) {
    self.events = events
    self.settings = settings
    send(events.command(.start, at: Clock.now()))
  }

  func receive(_ event: RunEvent) {
    switch event {
    case .started(let id, _):
      guard let node = events.manifest.nodes[id], node.isRelational, node.resourceType != .test
      else { return }
      send(events.node(.start, node, at: Clock.now(), run: run(of: id)))
    case .finished(let result, _):
      guard let node = events.manifest.nodes[result.node], node.isRelational,
        node.resourceType != .test,
        result.status != .skipped, result.status != .noOp
      else { return }
      let isDone = result.status == .success
      send(
        events.node(
          isDone ? .complete : .fail, node, at: Clock.now(), run: run(of: node.id),
          sql: result.compiledCode,
          message: isDone
            ? nil : result.message ?? result.diagnostics.first?.summary ?? result.status.rawValue,
          rows: result.rowsAffected))
    default: break
    }
  }

  /// Ends the command's own run, and waits a little for what is on its way.
  ///
  /// - Returns: a warning when something could not be sent.
  func finish(isSuccess: Bool, wasCancelled: Bool) -> [Diagnostic] {
    send(events.command(wasCancelled ? .abort : isSuccess ? .complete : .fail, at: Clock.now()))
    queue.async { [idle] in idle.signal() }
    let isLate = idle.wait(timeout: .now() + 15) == .timedOut
    let problem = state.withLock { $0.problem } ?? (isLate ? "it takes too long to answer" : nil)
    guard let problem else { return [] }
    return [
      Diagnostic(
        "openlineage-unsent", severity: .warning,
        "OpenLineage events did not reach \(settings.place): \(problem)",
        help: "the run itself is not concerned; OPENLINEAGE_DISABLED=true stops the events")
    ]
  }

  private func run(of id: NodeID) -> String {
    state.withLock { state in
      if let known = state.runs[id] { return known }
      let new = UUID().uuidString.lowercased()
      state.runs[id] = new
      return new
    }
  }

  // MARK: Sending

  private func send(_ event: [UInt8]) {
    let begins = state.withLock { state in
      guard state.problem == nil else { return false }
      state.waiting.append(event)
      defer { state.isSending = true }
      return !state.isSending
    }
    if begins { queue.async { [self] in drain() } }
  }

  /// Sends what waits, all at once, until nothing does. After a failure nothing more is tried.
  private func drain() {
    while true {
      let events = state.withLock { state in
        defer { state.waiting = [] }
        if state.waiting.isEmpty || state.problem != nil { state.isSending = false }
        return state.problem == nil ? state.waiting : []
      }
      if events.isEmpty { return }
      let problem =
        switch settings.transport {
        case .file(let path): Self.append(events, to: path)
        case .http(let url, let key): Self.post(events, to: url, key: key, patience: settings.patience)
        }
      if let problem { state.withLock { $0.problem = problem } }
    }
  }

  private static func append(_ events: [[UInt8]], to path: String) -> String? {
    let bytes = events.flatMap { $0 + [UInt8(ascii: "\n")] }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(cString: strerror(errno)) }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  /// All of them over one connection.
  private static func post(
    _ events: [[UInt8]], to url: String, key: Secret?, patience: Int
  ) -> String? {
    do throws(DiagnosticsError) {
      let outcome = try CurlFile.inScratch { (file, folder) throws(DiagnosticsError) in
        for (index, event) in events.enumerated() {
          if index > 0 { file.next() }
          file.set("url", url)
          file.set("header", "Content-Type: application/json")
          if let key { file.set("header", "Authorization: Bearer \(key.reveal())") }
          try file.setBody(event, in: folder)
          for option in ["silent", "fail"] { file.set(option) }
          file.set("connect-timeout", "3")
          file.set("max-time", "\(patience)")
          file.set("output", "/dev/null")
          file.set("write-out", "%{http_code}\\n")
          file.avoidProxies(for: URL(string: url)?.host)
        }
        return try file.run(["--fail-early"], in: folder)
      }
      return problem(of: outcome)
    } catch {
      return error.diagnostics.first?.summary ?? "no curl"
    }
  }

  /// What curl's exit code means; nil when all is well.
  private static func problem(of outcome: ExternalProgram.Outcome) -> String? {
    switch outcome.code {
    case 0: nil
    case 6: "nobody knows its name"
    case 7: "nothing listens there"
    case 22: "it answers \(outcome.output.split(separator: "\n").last ?? "with an error")"
    case 28: "it takes too long to answer"
    case let code: "curl ends with \(code)"
    }
  }
}
