import Artifacts
import ProjectModel

extension Console {
  /// The first line of a command.
  func begin() {
    tell(.version(), onTerminal: !isLive)
  }

  /// Says what the project holds.
  func found(_ manifest: Manifest) {
    let line = ResourceCount.found(in: manifest)
    tell(
      LogEvent("FoundStats", "W006", .info, "Found \(line)", data: ["stat_line": .string(line)]),
      onTerminal: !isLive)
  }

  /// Who draws a run: live at a terminal, in lines elsewhere; the log file hears of it either way.
  func reporter(for workspace: Workspace) -> any RunReporter {
    let manifest = workspace.manifest
    let nodes: @Sendable (NodeID) -> Node? = { manifest.nodes[$0] }
    let lines = EventReporter(self, targetName: workspace.target.name, onTerminal: !isLive, nodes: nodes)
    return isLive ? ReporterGroup(members: [LiveReporter(terminal: output, nodes: nodes), lines]) : lines
  }

  /// The end of a run: what failed and where, what was skipped because of it, the counts.
  func finish(_ summary: RunSummary) {
    if isLive { output.write("\n" + summary.problems() + summary.lastLines()) }
    let end = RunEnd(
      outcome: summary.outcome, manifest: summary.manifest, layout: layout,
      storesFailures: flags.storeFailures,
      renderer: isLive ? renderer(colors: false) : renderer(for: output),
      style: isLive ? Style(isOn: false) : style)
    for event in end.events { tell(event, onTerminal: !isLive) }
    tell(
      LogEvent(
        "CommandCompleted", "Q039", .debug,
        "Command `\(flags.command)` \(summary.exitCode == 0 ? "succeeded" : "failed") at \(Clock.timeOfDay()) "
          + "after \(ResultLine.seconds(Clock.now() - invocation.startedAt))",
        data: [
          "command": .string(flags.command), "success": .bool(summary.exitCode == 0),
          "completed_at": .string(Clock.timestamp() + "Z"),
          "elapsed": .double(Clock.now() - invocation.startedAt),
        ]), onTerminal: !isLive)
  }

  private var layout: TargetLayout {
    TargetLayout(folder: flags.targetPath ?? flags.project?.root["target-path"]?.string ?? "target")
  }
}
