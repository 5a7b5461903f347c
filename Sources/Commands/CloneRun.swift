import ArgumentParser
import Artifacts
import Compiler
import Diagnostics
import Materializations
import ProjectModel
import Runner

/// Makes views on the relations that another environment has, and writes run_results.json.
struct CloneRun {
  let workspace: Workspace
  let console: Console

  func run(only: [String]?) async throws {
    let types: Set<ResourceType> = [.model, .seed, .snapshot]
    let chosen =
      if let only {
        workspace.selection(of: only.map { NodeID($0) })
      } else {
        try workspace.select(defaults: types, own: types)
      }
    console.report(chosen.diagnostics)
    let ids = workspace.executable(chosen).ids.sorted()
    guard !ids.isEmpty else {
      return try workspace.endWithNothingToDo("clone")
    }
    let reporter = CloneReporter(
      EventReporter(
        console, targetName: workspace.target.name, nodes: { [workspace] in workspace.manifest.nodes[$0] }))
    let kept = CompiledStore(workspace)
    let environment = RunEnvironment(
      manifest: workspace.manifest, compiler: workspace.compiler, warehouse: try await workspace.warehouse(),
      openSeed: { [workspace] in try workspace.openSeed($0) },
      readSeed: { [workspace] in try workspace.readSeed($0) },
      writeRun: { kept.keepRun($1, for: $0) },
      report: { reporter.receive($0) }, now: { Clock.now() })
    var flags = PlanFlags()
    flags.fullRefresh = workspace.flags.fullRefresh
    flags.runID = workspace.invocationID.replacing("-", with: "").lowercased()
    var request = RunRequest(
      graph: ExecutionGraph(independent: ids), threads: workspace.flags.threads ?? workspace.target.threads,
      failFast: workspace.flags.failFast, flags: flags)
    request.originals = try originals()
    let runner = Runner(environment, request)
    let interrupt = Interrupt { runner.cancel() }
    let outcome = await runner.run()
    interrupt.release()
    guard outcome.hasBegun else { throw DiagnosticsError(outcome.diagnostics) }

    try kept.finish()
    try workspace.writeManifest(compiled: [:])
    try workspace.writeRunResults(outcome, command: "clone")
    let end = RunEnd(
      outcome: outcome, manifest: workspace.manifest, layout: workspace.layout, storesFailures: false,
      renderer: console.renderer(for: console.output), style: console.style)
    for event in end.eventsWithoutStatistics { console.tell(event) }
    if end.exitCode != 0 { throw ExitCode(end.exitCode) }
  }

  /// The relations of the environment whose artifacts `--state` names.
  ///
  /// - Throws: `no-state` when it names none.
  private func originals() throws(DiagnosticsError) -> [NodeID: RelationName] {
    guard let folder = workspace.flags.deferState ?? workspace.flags.state else {
      throw DiagnosticsError(
        Diagnostic(
          "no-state", "clone needs the artifacts of another environment, and --state names none",
          help: "give the folder of its manifest.json with --state"))
    }
    let state = try workspace.previousState(in: folder)
    guard let manifest = state.manifest else {
      throw DiagnosticsError(
        Diagnostic(
          "no-state", "there is no manifest.json in \(workspace.path(folder))",
          help: "--state names the target folder of an earlier run, copied aside"))
    }
    var originals: [NodeID: RelationName] = [:]
    for (id, node) in manifest.nodes
    where [.model, .seed, .snapshot].contains(node.resourceType) && !node.isEphemeral {
      originals[id] = node.relation
    }
    return originals
  }
}

/// Tells what clone tells: the beginning and messages, no line for each node.
private struct CloneReporter: RunReporter {
  let base: EventReporter

  init(_ base: EventReporter) { self.base = base }

  func receive(_ event: RunEvent) {
    switch event {
    case .began, .message, .diagnostic, .cancelling: base.receive(event)
    default: break
    }
  }
}
