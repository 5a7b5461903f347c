import Artifacts
import Diagnostics
import ProjectModel
import Runner

extension Console {
  /// The first line of a command.
  func begin() {
    tell(.version(), onTerminal: !isLive)
    tell(.arguments(flags), onTerminal: !isLive)
  }

  /// Says what the project holds.
  ///
  /// - Parameter line: how many there are of each kind.
  func found(_ line: String) {
    tell(
      LogEvent("FoundStats", "W006", .info, "Found \(line)", data: ["stat_line": .string(line)]),
      onTerminal: !isLive)
  }

  /// Who draws a run: live at a terminal, in lines elsewhere; the log file hears of it either way.
  func reporter(for workspace: Workspace) -> any RunReporter {
    let manifest = workspace.manifest
    let nodes: @Sendable (NodeID) -> Node? = { manifest.runnable($0) }
    let lines = EventReporter(
      self, targetName: workspace.target.name, onTerminal: !isLive, group: { manifest.groupInfo(of: $0) },
      nodes: nodes)
    return isLive
      ? ReporterGroup(members: [LiveReporter(terminal: output, region: region, nodes: nodes), lines]) : lines
  }

  /// The end of a run: what failed and where, what was skipped because of it, the counts. At a terminal it reads
  /// the same, without the time on every line.
  ///
  /// - Parameter samples: rows of seeds, between the line that says what ran and the verdict.
  /// - Returns: the exit code.
  func finish(_ outcome: Runner.Outcome, of manifest: Manifest, samples: [SeedSample] = []) -> Int32 {
    func end(_ renderer: DiagnosticRenderer, _ style: Style) -> RunEnd {
      RunEnd(
        outcome: outcome, manifest: manifest, layout: layout, storesFailures: flags.storeFailures,
        renderer: renderer, style: style)
    }
    if isLive {
      let width = output.width
      output.write(samples.map(\.text).joined())
      for event in end(renderer(for: output), style).events {
        // Frames of code are as wide as they are.
        let isFrame = event.name == "RunResultError" || event.name == "MainEncounteredError"
        output.write((isFrame ? event.message : WrappedText.wrap(event.message, at: width)) + "\n")
      }
    }
    let told = isLive ? end(renderer(colors: false), Style(isOn: false)) : end(renderer(for: output), style)
    for event in [.gap, told.finished] { tell(event, onTerminal: !isLive) }
    for sample in samples { show(sample) }
    for event in told.eventsWithoutStatistics { tell(event, onTerminal: !isLive) }
    tell(.results(outcome, success: told.exitCode == 0), onTerminal: !isLive)
    return told.exitCode
  }

  private func show(_ sample: SeedSample) {
    tell(.gap, onTerminal: !isLive)
    tell(
      LogEvent("SeedHeader", "Q004", .info, sample.header, data: ["header": .string(sample.header)]),
      onTerminal: !isLive)
    let line = String(repeating: "-", count: sample.header.count)
    tell(LogEvent("Formatting", "Z017", .info, line, data: ["msg": .string(line)]), onTerminal: !isLive)
    if !isLive, !flags.quiet { output.write(sample.table) }
    tell(.gap, onTerminal: !isLive)
  }

  private var layout: TargetLayout {
    TargetLayout(folder: flags.targetPath ?? flags.project?.root["target-path"]?.string ?? "target")
  }
}
