import Artifacts
import Diagnostics
import ProjectAnalysis
import ProjectModel

/// What `whc check` has to tell of a project.
struct CheckReport {
  /// Before the options of this run weigh them.
  var findings: [Diagnostic]
  /// The names of the models of which no SQL is known.
  var unread: [String]
  /// The names of the facts whose grain follows from their SQL.
  var provedGrains: [String]
  var relations: Int
}

extension Workspace {
  func checkReport() async throws -> CheckReport {
    let (analysis, unread, _) = try await analysis()
    return CheckReport(
      findings: analysis.diagnostics, unread: unread.map(\.name),
      provedGrains: analysis.provedGrains.compactMap { manifest.nodes[$0]?.name },
      relations: analysis.tables.count)
  }
}

extension Opening {
  /// What an earlier `whc check` told, when nothing that it hangs on is another now; neither nodes nor SQL are looked at.
  ///
  /// - Returns: nil when they must be; nothing has been told then.
  /// - Throws: the warnings of the earlier parse, as far as they are errors now.
  func unchangedReport() throws(DiagnosticsError) -> CheckReport? {
    guard !flags.defers, !flags.empty, settings.sample == nil, let known = try unchanged(),
      let kept = AnalysisCache.readHead(
        AnalysisCache.path(in: ParsedProject.root(flags, project)), build: ParsedProject.build)?.report,
      kept.parse == known.identity, kept.settings == EarlierSQL.hash(of: settings),
      kept.files.allSatisfy({ AnalysisCache.WatchedFile(reading: $0.path) == $0 })
    else { return nil }
    known.tell(console)
    return CheckReport(
      findings: kept.outcome.findings.map(\.diagnostic), unread: kept.unread, provedGrains: kept.provedGrains,
      relations: kept.relations)
  }
}
