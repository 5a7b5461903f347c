import Artifacts
import Diagnostics
import ProjectAnalysis
import ProjectModel

/// What `whc check` has to tell of a project.
struct CheckReport {
  /// Before the options of this run weigh them.
  var findings: [Diagnostic]
  /// What was not read, and what follows from the SQL.
  var notes: [String]
  var relations: Int
}

extension Workspace {
  func checkReport() async throws -> CheckReport {
    let (analysis, unread, _) = try await analysis()
    return CheckReport(
      findings: analysis.diagnostics, notes: notes(on: analysis, unread), relations: analysis.tables.count)
  }

  /// - Parameter unread: models whose templates ask the database, or do not compile.
  func notes(on analysis: ProjectAnalysis, _ unread: [Node]) -> [String] {
    let unasked = unread.map {
      "not read: \($0.name), whose template asks the database or does not compile"
    }
    // Of text that PostgreSQL's parser does not take a finding tells, where PostgreSQL is the server.
    let gaps =
      manifest.adapterType != "redshift"
      ? []
      : manifest.nodes.values.compactMap { node in
        analysis.queries[node.id]?.gap.map { "the columns of \(node.name) are not known: \($0)" }
      }
    let grains = analysis.provedGrains.compactMap { id in
      manifest.nodes[id].map {
        "the grain of \($0.name) follows from its SQL and the keys of what it reads"
      }
    }
    return unasked + gaps + grains
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
      kept.answers == EarlierSQL.hash(of: kept.flags, settings),
      kept.files.allSatisfy({ AnalysisCache.WatchedFile(reading: $0.path) == $0 })
    else { return nil }
    known.tell(console)
    return CheckReport(
      findings: kept.outcome.findings.map(\.diagnostic), notes: kept.notes, relations: kept.relations)
  }
}
