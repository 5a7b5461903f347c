import Diagnostics
import ProjectModel
import Runner

/// What a run ends with: what failed and where in the user's file, what was skipped because of it, and the counts.
struct RunSummary {
  let outcome: Runner.Outcome
  let manifest: Manifest
  let renderer: DiagnosticRenderer
  let style: Style

  var counts: RunCounts {
    var counts = RunCounts()
    for result in outcome.results { counts.add(result.status) }
    return counts
  }

  /// dbt's: 2 when the run was interrupted, 1 when a node failed, else 0.
  var exitCode: Int32 {
    if outcome.wasCancelled { return 2 }
    return counts.error > 0 || outcome.diagnostics.contains { $0.severity == .error } ? 1 : 0
  }

  /// Everything but the last line, for standard error and the terminal alike.
  func problems() -> String {
    var text = ""
    for diagnostic in outcome.diagnostics { text += renderer.render(diagnostic) + "\n" }
    for result in outcome.results {
      guard result.status == .error || result.status == .fail || result.status == .warn else { continue }
      if result.diagnostics.isEmpty {
        text += testProblem(result)
      } else {
        for diagnostic in result.diagnostics { text += renderer.render(diagnostic) + "\n" }
      }
    }
    text += skips()
    return text
  }

  func lastLines() -> String {
    let counts = self.counts
    let seconds = ResultLine.seconds(outcome.elapsed)
    let verdict =
      if outcome.wasCancelled {
        style.bad("Cancelled after \(seconds)")
      } else if counts.error > 0 || !outcome.diagnostics.isEmpty {
        style.bad("Completed with \(counts.error) error\(counts.error == 1 ? "" : "s") in \(seconds)")
      } else if counts.warn > 0 {
        style.caution("Completed with \(counts.warn) warning\(counts.warn == 1 ? "" : "s") in \(seconds)")
      } else {
        style.good("Completed successfully in \(seconds)")
      }
    return """
      \(verdict)

      Done. PASS=\(counts.pass) WARN=\(counts.warn) ERROR=\(counts.error) SKIP=\(counts.skip) \
      NO-OP=\(counts.noOp) TOTAL=\(counts.total)

      """
  }

  private func testProblem(_ result: NodeResult) -> String {
    guard let node = manifest.nodes[result.node] else { return "" }
    let severity: Severity = result.status == .warn ? .warning : .error
    var diagnostic = Diagnostic(
      "test-failed", severity: severity, "\(node.name): \(result.message ?? "failed")", at: node.patchSpan)
    if diagnostic.span == nil {
      diagnostic.span = SourceSpan(file: node.originalFilePath, line: node.firstLine, column: 1)
    }
    return renderer.render(diagnostic) + "\n"
  }

  /// Skipped nodes, grouped by the node that failed.
  private func skips() -> String {
    var order: [NodeID] = []
    var groups: [NodeID: [String]] = [:]
    for result in outcome.results where result.status == .skipped {
      guard let cause = result.skippedBecauseOf else { continue }
      if groups[cause] == nil { order.append(cause) }
      groups[cause, default: []].append(name(of: result.node))
    }
    return order.map { cause in
      let names = groups[cause] ?? []
      let shown = names.prefix(8).joined(separator: ", ")
      let rest = names.count > 8 ? " and \(names.count - 8) more" : ""
      return "Skipped because \(name(of: cause)) failed: \(shown)\(rest)\n"
    }.joined()
  }

  private func name(of id: NodeID) -> String {
    manifest.nodes[id]?.name ?? id.rawValue
  }
}
