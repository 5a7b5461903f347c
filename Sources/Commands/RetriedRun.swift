import Artifacts
import Diagnostics
import Foundation
import OrderedCollections
import ProjectModel

/// The run that `retry` does again: its command, its flags, and what of it was not done.
struct RetriedRun {
  /// `build`, `run-operation`
  var command: String
  /// When the run began: its microbatch models end there.
  let startedAt: EventTime?
  private let arguments: OrderedDictionary<String, PlainValue>
  private let results: [NodeResult]

  /// - Parameter folder: where the run's run_results.json lies.
  /// - Throws: `no-previous-run`, `broken-json`, `foreign-artifact`.
  init(folder: String, shown: String) throws(DiagnosticsError) {
    let file = folder + "/run_results.json"
    guard let bytes = try ArtifactFile.read(file) else {
      throw DiagnosticsError(
        Diagnostic(
          "no-previous-run",
          "there is no run_results.json in '\(shown)', so nothing is known of an earlier run",
          help: "run something first, or name the folder of its artifacts with --state"))
    }
    results = try RunResultsArtifact.read(bytes, file: file)
    arguments = try RunResultsArtifact.arguments(in: bytes, file: file)
    command = arguments["which"]?.string ?? ""
    startedAt = try RunResultsArtifact.startedAt(in: bytes, file: file).flatMap { EventTime($0) }
  }

  /// The batches of microbatch models of which some were built and some failed: only the failed ones are built again.
  var batches: [NodeID: BatchResults] {
    var found: [NodeID: BatchResults] = [:]
    for result in results {
      guard let batches = result.batches, !batches.successful.isEmpty, !batches.failed.isEmpty else {
        continue
      }
      found[result.node] = batches
    }
    return found
  }

  /// The nodes that failed or were skipped. Hooks of a run are not tried again for themselves.
  ///
  /// - Parameter warningsToo: `--warn-error` makes a warning a failure.
  func openNodes(warningsToo: Bool) -> [NodeID] {
    results.filter { result in
      switch result.status {
      case .error, .fail, .skipped, .partialSuccess: break
      case .warn where warningsToo: break
      default: return false
      }
      return command == "run-operation" || !result.node.rawValue.hasPrefix("operation.")
    }.map(\.node)
  }

  /// The macro of a `run-operation`, and its arguments as JSON.
  var operation: (macro: String, arguments: String)? {
    guard let macro = arguments["macro"]?.string else { return nil }
    return (macro, arguments["args"].map(Self.text) ?? "{}")
  }

  /// The command line that says what the earlier one said. Flags about places and `--warn-error` are this command's;
  /// `--vars` and `--threads` are, where it gives them.
  func commandLine(_ flags: Flags) -> [String] {
    var words: [String] = ["--project-dir", flags.projectDirectory]
    func add(_ name: String, _ value: String?) { if let value { words += [name, value] } }
    add("--profiles-dir", flags.profilesDirectory)
    add("--target-path", flags.targetPath)
    add("--log-path", flags.logPath)
    if flags.warnError { words.append("--warn-error") }
    let vars = arguments["vars"]?.mapping.flatMap { $0.isEmpty ? nil : Self.text(.mapping($0)) }
    add("--vars", flags.vars ?? vars)
    add("--threads", flags.givenThreads.map(String.init) ?? arguments["threads"]?.int.map(String.init))
    for (key, name) in Self.options { add(name, arguments[key]?.string) }
    for (key, name) in Self.switches where arguments[key]?.bool == true { words.append(name) }
    if arguments["print"]?.bool == false { words.append("--no-print") }
    if let options = arguments["warn_error_options"], Self.saysSomething(options) {
      add("--warn-error-options", Self.text(options))
    }
    return words
  }

  /// Whether the command has `--full-refresh`.
  var takesFullRefresh: Bool { ["build", "run", "seed", "clone"].contains(command) }

  /// What only commands that carry out nodes take.
  var nodeFlags: [String] {
    var words: [String] = []
    for (key, name) in Self.nodeSwitches where arguments[key]?.bool == true { words.append(name) }
    for (key, name) in Self.nodeOptions {
      if let text = arguments[key]?.string, !(key == "indirect_selection" && text == "eager") {
        words += [name, text]
      }
    }
    for (key, name) in [("select", "--select"), ("exclude", "--exclude")] {
      if let names = arguments[key]?.strings, !names.isEmpty { words += [name] + names }
    }
    return words
  }

  private static let options = [
    ("target", "--target"), ("profile", "--profile"), ("log_format", "--log-format"),
    ("log_level", "--log-level"),
  ]
  private static let switches = [("quiet", "--quiet"), ("debug", "--debug"), ("fail_fast", "--fail-fast")]
  private static let nodeSwitches = [
    ("full_refresh", "--full-refresh"), ("empty", "--empty"), ("store_failures", "--store-failures"),
    ("defer", "--defer"), ("favor_state", "--favor-state"),
  ]
  private static let nodeOptions = [
    ("state", "--state"), ("selector", "--selector"), ("indirect_selection", "--indirect-selection"),
    ("event_time_start", "--event-time-start"), ("event_time_end", "--event-time-end"),
    ("sample", "--sample"),
  ]

  private static func saysSomething(_ options: PlainValue) -> Bool {
    options.mapping?.values.contains { !($0.list?.isEmpty ?? $0.isNull) } ?? false
  }

  private static func text(_ value: PlainValue) -> String {
    if let text = value.string { return text }
    return JSONText.compact(value)
  }
}
