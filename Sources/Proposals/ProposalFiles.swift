/// The files of a proposed staging layer and star, for people to go on with.
public struct ProposalFiles {
  public struct File: Sendable, Hashable {
    /// Below the folder of models.
    public var path: String
    public var text: String
  }

  public let files: [File]
  /// One line for each table: what became of it.
  public let summary: [String]

  /// - Parameter hasCalendar: true when the project has a `dim_date` already, which is then used.
  public init(_ profiles: [TableProfile], hasCalendar: Bool = false) {
    let proposal = StarProposal(profiles)
    var files: [File] = []
    for schema in Set(profiles.map(\.schema)).sorted() {
      let name = ColumnWords.snake(schema)
      let tables = proposal.tables.filter { $0.profile.schema == schema }
      let writer = StagingWriter(schema: schema, tables: tables)
      files.append(File(path: "staging/\(name)__sources.yml", text: writer.sources))
      files.append(File(path: "staging/\(name)__staging.yml", text: writer.properties))
      files += tables.filter { !$0.profile.columns.isEmpty }.map {
        File(path: "staging/\($0.model).sql", text: writer.model($0))
      }
    }
    let star = StarWriter(proposal, hasCalendar: hasCalendar)
    files += star.models.map { File(path: "marts/\($0.name).sql", text: $0.text) }
    if !star.models.isEmpty {
      let name = profiles.first.map { ColumnWords.snake($0.schema) } ?? "source"
      files.append(File(path: "marts/\(name)__star.yml", text: star.properties))
    }
    self.files = files
    summary = proposal.tables.indices.map { index in
      let table = proposal.tables[index]
      let becomes: String =
        switch proposal.parts[index] {
        case .stagingOnly(let reason): "\(table.model) alone: \(reason)"
        case .dimension, .fact, .bridge: "\(table.model), \(proposal.name(of: index))"
        }
      return "\(table.profile.schema).\(table.profile.name): \(becomes)"
    }
  }
}
