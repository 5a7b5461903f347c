import ArgumentParser
import Artifacts
import Compiler
import Diagnostics
import Foundation
import Materializations
import OrderedCollections
import ProjectModel
import Runner

/// Asks the chosen sources how fresh they are, tells it, and writes sources.json.
struct FreshnessRun {
  let workspace: Workspace
  let console: Console
  /// Where the results go, when not to the target folder.
  var output: String?

  /// - Throws: exit code 1 when a source is too old or could not be asked; 2 when nothing could be begun.
  func run() async throws {
    let chosen = try workspace.select(defaults: [.source], all: [.source])
    console.report(chosen.diagnostics)
    let sources = chosen.ids.filter(hasFreshness)
    guard !sources.isEmpty else {
      try workspace.tellNothingToDo()
      try workspace.writeManifest(compiled: [:])
      try write(.nothing)
      console.tell(Self.done)
      return
    }
    let reporter = FreshnessReporter(
      console, manifest: workspace.manifest, targetName: workspace.target.name)
    let environment = RunEnvironment(
      manifest: workspace.manifest, compiler: workspace.compiler, warehouse: try await workspace.warehouse(),
      openSeed: { [workspace] in try workspace.openSeed($0) },
      readSeed: { [workspace] in try workspace.readSeed($0) },
      report: { reporter.receive($0) }, now: { Clock.now() })
    var request = RunRequest(
      graph: ExecutionGraph(independent: sources),
      threads: workspace.flags.threads ?? workspace.target.threads, failFast: workspace.flags.failFast,
      flags: .init())
    if runsHooks {
      request.startHooks = workspace.runHooks(.onRunStart)
      request.endHooks = workspace.runHooks(.onRunEnd)
    } else if !workspace.runHooks(.onRunStart).isEmpty || !workspace.runHooks(.onRunEnd).isEmpty {
      var findings = Findings(try WarningPolicy(workspace.flags))
      findings.add([
        Diagnostic(
          "source-freshness-project-hooks", severity: .warning,
          "the project's on-run-start and on-run-end hooks are not run by source freshness",
          help: "set 'source_freshness_run_project_hooks: true' under 'flags:'")
      ])
      try findings.end()
      console.report(findings.warnings)
    }
    let runner = Runner(environment, request)
    let interrupt = Interrupt { runner.cancel() }
    let outcome = await runner.run()
    interrupt.release()
    guard outcome.hasBegun else { throw DiagnosticsError(outcome.diagnostics) }

    try workspace.writeManifest(compiled: [:])
    try write(outcome)
    for event in events(of: outcome) { console.tell(event) }
    if outcome.wasCancelled { throw ExitCode(2) }
    let isBad = outcome.results.contains { $0.status == .error || $0.status == .fail }
    if isBad || outcome.diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
  }

  private func hasFreshness(_ id: NodeID) -> Bool {
    FreshnessThreshold(workspace.manifest.sources[id]?.freshness) != nil
  }

  /// `source_freshness_run_project_hooks` of the project's flags, true unless they say otherwise.
  private var runsHooks: Bool {
    workspace.flags.projectFlags["source_freshness_run_project_hooks"]?.bool ?? true
  }

  private func write(_ outcome: Runner.Outcome) throws(DiagnosticsError) {
    let results = outcome.results.compactMap { result -> SourcesArtifact.Result? in
      guard let source = workspace.manifest.sources[result.node], let freshness = result.freshness,
        let status = FreshnessThreshold.Verdict(rawValue: result.status.rawValue)
      else { return nil }
      var entry = SourcesArtifact.Result(
        source: source.id, status: status, freshness: freshness, criteria: source.freshness ?? .null)
      if let message = result.adapterMessage {
        entry.adapterResponse = [
          "_message": .string(message),
          "code": .string(message.prefix { !$0.isNumber }.trimmingCharacters(in: .whitespaces)),
          "rows_affected": .int(result.rowsAffected ?? -1),
        ]
      }
      entry.timing = result.timing
      entry.threadName = result.threadName
      entry.executionTime = result.executionTime
      return entry
    }
    let artifact = SourcesArtifact(
      metadata: workspace.metadata, results: results, elapsedTime: outcome.elapsed)
    let path =
      output.map { $0.hasPrefix("/") ? $0 : FileManager.default.currentDirectoryPath + "/" + $0 }
      ?? workspace.path(workspace.layout.folder + "/sources.json")
    try ArtifactFile.write(artifact.write(), to: path)
  }

  // MARK: The end

  private static let done = LogEvent("FreshnessCheckComplete", "Q003", .info, "Done.")

  private func events(of outcome: Runner.Outcome) -> [LogEvent] {
    let end = RunEnd(
      outcome: outcome, manifest: workspace.manifest, layout: workspace.layout, storesFailures: false,
      renderer: console.renderer(for: console.output), style: console.style)
    var events: [LogEvent] = [.gap, end.finished]
    for diagnostic in outcome.diagnostics { events += [.gap, end.event(for: diagnostic)] }
    for result in outcome.results where result.status == .error {
      guard let source = workspace.manifest.sources[result.node] else { continue }
      events.append(.gap)
      if result.diagnostics.isEmpty {
        events.append(
          LogEvent(
            "RunResultFailure", "Z022", .error,
            console.style.bad("Failure in source \(source.name) (\(source.path))"),
            data: ["node_info": NodeInfo(source, status: "error").value]))
        events.append(
          LogEvent("RunResultErrorNoMessage", "Z025", .error, "  Status: error", data: ["status": "error"]))
      } else {
        let text = end.frames(result.diagnostics)
        events.append(LogEvent("RunResultError", "Z024", .error, "  " + text, data: ["msg": .string(text)]))
      }
    }
    return events + [Self.done]
  }
}
