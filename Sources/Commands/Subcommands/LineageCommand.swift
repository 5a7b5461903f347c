import ArgumentParser
import Diagnostics
import ProjectAnalysis
import ProjectModel

/// `whc lineage`: where columns come from, and where they go.
struct LineageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage",
    abstract: "Show which columns a column is made of, and which are made of it",
    discussion: """
      whc lineage dim_customer.segment --upstream
      whc lineage raw_orders --downstream --format mermaid
      """)

  @Argument(
    help: "A model, seed, snapshot or source (source.table), or one of its columns: dim_customer.segment")
  var subject: String

  @Flag(help: "What it is made of")
  var upstream = false

  @Flag(help: "What is made of it")
  var downstream = false

  @Option(help: "text, json, mermaid or dot")
  var format = LineageListing.Format.text

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.run("lineage", global, configure: { $0.answersData = true }) { workspace, console in
      let (analysis, unread, _) = try await workspace.analysis()
      let manifest = workspace.manifest
      let (node, columns) = try Self.columns(subject, analysis, manifest)
      if unread.contains(where: { $0.id == node }) {
        console.note("the template of \(subject) asks the database or does not compile; its SQL is not known")
      }
      // Neither means both.
      var directions: [ColumnLineage.Direction] = []
      if upstream || !downstream { directions.append(.upstream) }
      if downstream || !upstream { directions.append(.downstream) }
      let listing = LineageListing(analysis, manifest)
      if let gap = analysis.queries[node]?.gap {
        console.note("of \(subject) only relations are known: \(gap)")
      }
      if !columns.isEmpty {
        console.print(listing.text(of: columns, directions, as: format))
      } else if analysis.queries[node]?.gap != nil {
        console.print(listing.text(ofRelation: node, directions, as: format))
      }
    }
  }

  /// The columns that a name on the command line means: one, or all of a relation.
  private static func columns(
    _ subject: String, _ analysis: ProjectAnalysis, _ manifest: Manifest
  ) throws(DiagnosticsError) -> (node: NodeID, columns: [ProjectColumn]) {
    let names = LineageListing.names(manifest)
    if let id = names.first(where: { $0.value == subject })?.key {
      let shape = analysis.tables[id]?.shape
      return (id, shape?.columns.map { ProjectColumn(node: id, name: $0.name) } ?? [])
    }
    guard let dot = subject.lastIndex(of: ".") else { throw unknown(subject, among: Array(names.values)) }
    let relation = String(subject[..<dot])
    let column = String(subject[subject.index(after: dot)...])
    guard let id = names.first(where: { $0.value == relation })?.key else {
      throw unknown(relation, among: Array(names.values))
    }
    let table = analysis.tables[id]
    let known = table?.shape.columns.map(\.name) ?? []
    let subject = ProjectColumn(node: id, name: column)
    let isUsed = !analysis.lineage.edges(.downstream, of: subject).isEmpty
    guard known.contains(column) || isUsed else {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-column",
          "'\(column)' is no column of \(relation)", meant: NearMiss(column, among: known),
          help: known.isEmpty ? nil : "its columns are \(known.joined(separator: ", "))"))
    }
    return (id, [subject])
  }

  private static func unknown(_ name: String, among names: [String]) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "unknown-relation",
        "'\(name)' is no model, seed, snapshot or source of this project",
        meant: NearMiss(name, among: names),
        help: "'whc ls' shows all of them"))
  }
}
