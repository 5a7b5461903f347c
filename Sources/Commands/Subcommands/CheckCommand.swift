import ArgumentParser
import Diagnostics

/// `whc check`: mistakes in the models' SQL, found without a server.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read the SQL of all models with PostgreSQL's parser, and say what the server would refuse",
    discussion: """
      Unknown and ambiguous columns, unknown aliases, CTEs and columns of CTEs that nothing reads, set operations of \
      unequal columns, operators and functions that do not take the types they get, columns that are not grouped; \
      contracts that the SQL does not keep, and columns that tests, keys and configs name and the SQL does not give. What \
      is not known (a source whose columns are not described, a model whose template asks the database) is no mistake. \
      Mistakes are warnings unless sql_rules says otherwise; --warn-error makes them errors, and the exit code 2.
      """)

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.plain("check", global) { console in
      let opening = try await Opening.read(console.flags, console: console)
      if let report = try opening.unchangedReport() { return try tell(report, console) }
      let workspace = Command.kept(try await Workspace.open(opening))
      try tell(try await workspace.checkReport(), console)
    }
  }

  private func tell(_ report: CheckReport, _ console: Console) throws(DiagnosticsError) {
    let weighed = try WarningPolicy(console.flags).weigh(report.findings)
    if weighed.contains(where: { $0.severity == .error }) { throw DiagnosticsError(weighed) }
    console.report(weighed)
    report.notes.forEach { console.note($0) }
    let count = report.findings.count
    console.note("\(report.relations) relations checked, " + (count == 1 ? "1 warning" : "\(count) warnings"))
  }
}
