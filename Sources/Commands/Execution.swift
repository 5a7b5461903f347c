import ArgumentParser
import Artifacts
import Compiler
import Diagnostics
import Foundation
import Materializations
import ProjectLoading
import ProjectModel
import Runner
import Synchronization
import Warehouse

/// A command whose work is an ``Execution``, which `retry` does again for a part of its nodes.
protocol NodeCommand: AsyncParsableCommand {
  var job: Execution { get }
}

/// A command that carries nodes out: build, run, test, seed, snapshot, compile's databases aside.
///
/// Opens the workspace, selects, runs, writes run_results.json and manifest.json, and ends with a summary.
struct Execution {
  /// The subcommand's word, as artifacts and `flags.WHICH` show it.
  var command: String
  /// What is carried out when no `--resource-type` is given.
  var types: Set<ResourceType>
  var global: GlobalOptions
  /// True in `build`: tests hold up what follows the tested node, and a star's tests run before it is published.
  var gates = false
  var configure: (inout Flags) -> Void = { _ in }
  /// `seed --show`: some rows of each seed are shown at the end.
  var showsSamples = false
  /// For `retry`: the nodes to carry out, whatever the selection says.
  var only: [NodeID]?
  /// For `retry`: what the earlier run made of microbatch models, and when it began.
  var earlierBatches: [NodeID: BatchResults] = [:]
  var batchesEnd: EventTime?

  func run() async throws {
    try await Command.run(command, global, configure: configure) { workspace, console in
      try await run(in: workspace, console)
    }
  }

  private func run(in workspace: Workspace, _ console: Console) async throws {
    let flags = workspace.flags
    let chosen =
      if let only {
        try workspace.selection(ofEarlier: only)
      } else {
        try workspace.select(defaults: types, own: types)
      }
    console.report(chosen.diagnostics)
    guard !chosen.members.isEmpty else {
      return try workspace.endWithNothingToDo(command)
    }
    // Better said before anything is sent than after.
    try ArtifactFile.prepareFolder(workspace.path(workspace.layout.folder))
    // Who reads the log's events as they come looks their nodes up there, as with dbt.
    if console.keepsData { try workspace.writeManifest(compiled: [:]) }
    let graph = ExecutionGraph(
      workspace.executable(chosen), of: workspace.selector, gatesOnTests: gates)
    var reporter = console.reporter(for: workspace)
    let lineage = try await openLineage(workspace)
    if let lineage { reporter = ReporterGroup(members: [reporter, lineage]) }
    let kept = CompiledStore(workspace)
    let compiler = try await workspace.compiler(
      for: chosen.ids, builds: [.model, .seed, .snapshot, .function])
    var environment = RunEnvironment(
      manifest: workspace.manifest, compiler: compiler, warehouse: try await workspace.warehouse(),
      openSeed: { try workspace.openSeed($0) },
      readSeed: { try workspace.readSeed($0) },
      writeCompiled: { kept.keep($1, for: compiler.resolvingForeignKeys(of: $0)) },
      writeRun: { kept.keepRun($1, for: $0) },
      report: { [reporter] in reporter.receive($0) },
      now: { Clock.now() })
    environment.compiledEarlier = kept.known
    environment.stage = RowStage(workspace.target, environment: flags.environment)
    if workspace.target.redshift?.retriesAll ?? false {
      environment.retriesOfRefusals = workspace.target.retries
    }
    if flags.checksSQL {
      let checked = try Checked(chosen.ids, in: workspace, compiler, known: kept.known)
      console.report(checked.warnings)
      environment.refused = checked.errors
      environment.compiledEarlier.merge(checked.repeatable) { known, _ in known }
    }
    environment.seedPlace = { workspace.seedPlace($0, $1) }
    let threads = flags.threads ?? workspace.target.threads
    var request = RunRequest(
      graph: graph, threads: threads, failFast: flags.failFast, flags: planFlags(workspace))
    let policy = try WarningPolicy(flags)
    environment.weigh = { policy.weigh($0) }
    request.warningsAreErrors = policy.makesTestsFail
    request.noOps = workspace.noOps(chosen)
    request.needsStartHooks = flags.projectFlags["skip_nodes_if_on_run_start_fails"]?.bool ?? false
    request.eventTimes = workspace.eventTimes.range
    request.earlierBatches = earlierBatches
    request.batchesEnd = batchesEnd
    request.selected = chosen.ids
    if command != "compile" {
      request.startHooks = workspace.runHooks(.onRunStart)
      request.endHooks = workspace.runHooks(.onRunEnd)
    }
    let runner = Runner(environment, request)
    let interrupt = Interrupt { runner.cancel() }
    let outcome = await runner.run()
    interrupt.release()
    guard outcome.hasBegun else { throw DiagnosticsError(outcome.diagnostics) }

    kept.keepEphemerals(of: chosen, outcome.results, compiledBy: compiler)
    kept.keepHooks(outcome.results)
    let unwritten = artifactProblems(of: outcome, workspace, kept)
    if let lineage {
      console.report(
        lineage.finish(
          isSuccess: outcome.results.allSatisfy { ![.error, .fail, .partialSuccess].contains($0.status) },
          wasCancelled: outcome.wasCancelled))
    }
    let exitCode = console.finish(
      outcome, of: workspace.manifest,
      samples: showsSamples ? try await SeedSample.taken(of: outcome, in: workspace) : [])
    if !unwritten.isEmpty { throw DiagnosticsError(unwritten) }
    if exitCode != 0 { throw ExitCode(exitCode) }
  }

  /// Writes what is left to write. A file that cannot be written hides neither the others nor what became of the
  /// nodes.
  private func artifactProblems(
    of outcome: Runner.Outcome, _ workspace: Workspace, _ kept: CompiledStore
  ) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    // dbt has not compiled what it skipped.
    var compiled = kept.compiled
    for result in outcome.results where result.status == .skipped { compiled[result.node] = nil }
    do throws(DiagnosticsError) { try kept.finish() } catch { problems += error.diagnostics }
    do throws(DiagnosticsError) {
      try workspace.writeManifest(compiled: compiled, nodes: kept.resolved)
    } catch {
      problems += error.diagnostics
    }
    do throws(DiagnosticsError) {
      try workspace.writeRunResults(outcome, command: command)
    } catch {
      problems += error.diagnostics
    }
    return problems
  }

  /// nil when nobody asked for OpenLineage events.
  private func openLineage(_ workspace: Workspace) async throws -> OpenLineageReporter? {
    let nodes: Set<String> = ["build", "run", "seed", "snapshot"]
    guard nodes.contains(command),
      let settings = try OpenLineageSettings(workspace.flags.openLineage, workspace.flags)
    else { return nil }
    let (analysis, _, _) = try await workspace.analysis()
    let target = workspace.target
    return OpenLineageReporter(
      OpenLineageEvents(
        manifest: workspace.manifest, analysis: analysis, namespace: settings.namespace, command: command,
        runID: workspace.invocationID.lowercased(),
        server: "\(target.kind.rawValue)://\(target.host ?? "localhost"):\(target.port)",
        database: target.database), settings)
  }

  private func planFlags(_ workspace: Workspace) -> PlanFlags {
    var flags = PlanFlags()
    flags.fullRefresh = workspace.flags.fullRefresh
    flags.empty = workspace.flags.empty
    flags.gate = gates
    flags.storeFailures = workspace.flags.storeFailures
    flags.runID = workspace.invocationID.replacing("-", with: "").lowercased()
    flags.invocationID = workspace.invocationID
    flags.targetName = workspace.target.name
    flags.version = Version.whc
    return flags
  }
}
