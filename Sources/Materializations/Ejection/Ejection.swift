public import Diagnostics
public import ProjectModel
public import StarModel
public import Warehouse

/// The star of a project as plain models, snapshots and tests that any dbt runs: the way out.
///
/// A first build of them has the rows that a first build here has; only counted surrogate keys are other numbers.
/// What is lost stands as a comment in each file.
public struct Ejection {
  public struct File: Sendable, Hashable {
    /// Below the project's folder.
    public var path: String
    public var text: String
  }

  let star: Star
  let manifest: Manifest
  /// Columns of the tables that are there: their names, types and order are what is written.
  let columns: [NodeID: [ColumnDescription]]
  let dialect: Dialect

  public init(
    _ star: Star, _ manifest: Manifest, columns: [NodeID: [ColumnDescription]], dialect: Dialect
  ) {
    self.star = star
    self.manifest = manifest
    self.columns = columns
    self.dialect = dialect
  }

  /// The models of the project whose kind no other tool knows.
  public static func models(of manifest: Manifest) -> [Node] {
    let kinds: Set<String> = [
      "staging", "dimension", "date_dimension", "time_dimension", "audit_dimension", "junk_dimension",
      "mini_dimension",
      "bridge", "fact",
    ]
    return manifest.nodes.values.filter {
      $0.resourceType == .model && $0.packageName == manifest.projectName
        && kinds.contains($0.config.materialized)
    }
  }

  /// - Throws: `cannot-eject` for each model that has no plain form, `not-built` for one whose table is not there.
  public func files() throws(DiagnosticsError) -> [File] {
    var files: [File] = []
    var problems: [Diagnostic] = []
    for node in Self.models(of: manifest) {
      do throws(DiagnosticsError) {
        files += try self.files(of: node)
      } catch {
        problems += error.diagnostics
      }
    }
    guard problems.isEmpty else { throw DiagnosticsError(problems) }
    return files
  }

  private func files(of node: Node) throws(DiagnosticsError) -> [File] {
    if node.config.materialized == StagingMaterialization.name {
      let kind = node.config["staging_materialized"]?.string ?? "view"
      return [File(path: node.originalFilePath, text: Self.configured(node.rawCode, as: kind))]
    }
    guard let columns = columns[node.id] else {
      throw DiagnosticsError(
        Diagnostic(
          "not-built", "the table of '\(node.name)' is not in this target, and its columns are read from it",
          at: node.startSpan, help: "run 'whc build' first"))
    }
    if let dimension = star.dimensions[node.id] {
      return try EjectedDimension(dimension, node, columns, self).files()
    }
    if let dates = star.dateDimensions[node.id] { return [try file(of: dates, node, columns)] }
    if let junk = star.junkDimensions[node.id] { return [file(of: junk, node, columns)] }
    if let fact = star.facts[node.id] { return try EjectedFact(fact, node, columns, self).files() }
    throw refusal(node, "it is of the kind \(node.config.materialized)")
  }

  /// - Parameter reason: why there is no plain form.
  func refusal(_ node: Node, _ reason: String) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "cannot-eject", "'\(node.name)' has no plain form that gives the same rows: \(reason)",
        at: node.startSpan,
        help: "disable the model, or write it yourself in the folder that is made without it"))
  }

  // MARK: Calendars and flags

  private func file(
    of dates: DateDimension, _ node: Node, _ columns: [ColumnDescription]
  ) throws(DiagnosticsError) -> File {
    let parts = DateDimensionMaterialization.columns(dates)
    let values = parts.map { "  \($0.value) as \(q($0.name))" }.joined(separator: ",\n")
    var holidays = ""
    if let days = dates.holidays {
      holidays = """

        left join (
          select h.\(q(days.date))::date as day, string_agg(distinct h.\(q(days.name))::text, ', ') as name
          from {{ ref('\(days.from.name)') }} h
          group by 1
        ) h on h.day = x.day
        """
    }
    let members = dates.members.map { member in
      let row = parts.map { part in
        part.name == dates.surrogateKey
          ? "\(member.key)" : part.isText ? dialect.literal(member.label) : "null::\(part.type)"
      }
      return "\nunion all\nselect \(row.joined(separator: ", "))"
    }
    let sql = """
      select
      \(values)
      from (
        select day::date as day
        from generate_series(\(Self.text(dates.start))::timestamp, \(Self.text(dates.end))::timestamp,
          interval '1 day') as day
      ) x\(holidays)\(members.joined())

      """
    return File(
      path: node.originalFilePath,
      text: Self.configured(sql, as: "table", notes: ["Days that leave the bounds leave the table."]))
  }

  private static func text(_ bound: DateDimension.Bound) -> String {
    switch bound {
    case .date(let day): "date '\(day)'"
    case .today(count: 0, _): "current_date"
    case .today(let count, let unit): "(current_date + interval '\(count) \(unit)s')::date"
    }
  }

  private func file(of junk: JunkDimension, _ node: Node, _ columns: [ColumnDescription]) -> File {
    let flags = junk.flags.map(q).joined(separator: ", ")
    let types = Dictionary(columns.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    let members = junk.members.map { member in
      let row = junk.flags.map { DimensionTable.text(member, $0, types[$0] ?? "text", dialect) }
      return "\nunion all\nselect \(member.key), \(row.joined(separator: ", "))"
    }
    let sql = """
      with stated as (
      \(Self.query(node))
      )

      select row_number() over (order by \(flags)) as \(q(junk.surrogateKey)), \(flags)
      from (select distinct \(flags) from stated) combinations\(members.joined())

      """
    return File(
      path: node.originalFilePath,
      text: Self.configured(
        sql, as: "table",
        notes: [
          "Keys are counted anew with each build, and combinations that are no longer there leave the table.",
          "A combination that only a fact has gets the key of the member 'unknown' there.",
        ]))
  }

  // MARK: Words

  func q(_ name: String) -> String { dialect.quote(name) }

  /// A model's own SQL as a part of another query.
  static func query(_ node: Node) -> String {
    var text = node.rawCode[...]
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    while let first = text.first, first.isNewline { text.removeFirst() }
    return String(text)
  }

  /// A file's text with its configuration, which stands last where the text has one of its own.
  static func configured(_ sql: String, as kind: String, notes: [String] = []) -> String {
    let config = "{{ config(materialized='\(kind)') }}\n"
    let head = notes.map { "-- \($0)\n" }.joined()
    let body = sql.hasSuffix("\n") ? sql : sql + "\n"
    return body.contains("config(") ? head + body + config : head + config + body
  }
}
