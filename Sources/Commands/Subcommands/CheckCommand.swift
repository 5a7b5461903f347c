import ArgumentParser
import Diagnostics
import ProjectAnalysis
import ProjectModel

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
    try await Command.run("check", global) { workspace, console in
      let (analysis, unread, _) = try await workspace.analysis()
      console.report(try workspace.weighed(analysis.findings.map(\.diagnostic)))
      for node in unread {
        console.note("not read: \(node.name), whose template asks the database or does not compile")
      }
      for id in analysis.provedGrains {
        guard let fact = workspace.manifest.nodes[id] else { continue }
        console.note("the grain of \(fact.name) follows from its SQL and the keys of what it reads")
      }
      let count = analysis.findings.count
      console.note(
        "\(analysis.tables.count) relations checked, " + (count == 1 ? "1 warning" : "\(count) warnings"))
    }
  }
}
