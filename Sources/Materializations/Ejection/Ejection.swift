public import Diagnostics
public import ProjectModel
public import StarModel
public import Warehouse

/// The star of a project as plain models, snapshots and tests that any dbt runs: the way out.
///
/// Builds of them have the rows that builds here have; only counted surrogate keys can be other numbers. What is lost
/// stands as a comment in each file.
public struct Ejection {
  public struct File: Sendable, Hashable {
    /// Below the project's folder.
    public var path: String
    public var text: String
  }

  let star: Star
  let manifest: Manifest
  /// What the models' plans would be made from: columns of the tables that are there, and of the SQL.
  let inputs: [NodeID: PlanInput]
  let dialect: Dialect

  public init(_ star: Star, _ manifest: Manifest, inputs: [NodeID: PlanInput], dialect: Dialect) {
    self.star = star
    self.manifest = manifest
    self.inputs = inputs
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
    do throws(DiagnosticsError) {
      if let macro = try EjectedMembers(self).macro { files.append(macro) }
    } catch {
      problems += error.diagnostics
    }
    guard problems.isEmpty else { throw DiagnosticsError(problems) }
    return files
  }

  private func files(of node: Node) throws(DiagnosticsError) -> [File] {
    if node.config.materialized == StagingMaterialization.name {
      let kind = node.config["staging_materialized"]?.string ?? "view"
      return [File(path: node.originalFilePath, text: Self.configured(node.rawCode, as: kind))]
    }
    guard let input = inputs[node.id], let columns = input.existing?.columns else {
      throw DiagnosticsError(
        Diagnostic(
          "not-built", "the table of '\(node.name)' is not in this target, and its columns are read from it",
          at: node.startSpan, help: "run 'whc build' first"))
    }
    if star.dimensions[node.id] != nil {
      return EjectedDimension(try DimensionMaterialization.layout(input), node, columns, self).files
    }
    if let mini = star.miniDimensions[node.id] {
      return try EjectedMiniDimension(mini, node, input, self).files
    }
    if let audit = star.audits[node.id] { return EjectedLoads.files(of: audit, node, self) }
    if let dates = star.dateDimensions[node.id] { return [file(of: dates, node)] }
    if let times = star.timeDimensions[node.id] { return [file(of: times, node)] }
    if let junk = star.junkDimensions[node.id] { return [file(of: junk, node, columns)] }
    if star.facts[node.id] != nil || star.bridges[node.id] != nil {
      return try EjectedFact(node, input, self).files()
    }
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

  private func file(of dates: DateDimension, _ node: Node) -> File {
    var rows = """
      (
        select day::date as day
        from generate_series(\(Self.text(dates.start))::timestamp, \(Self.text(dates.end))::timestamp,
          interval '1 day') as day
      ) x
      """
    if let days = dates.holidays {
      rows += """

        left join (
          select h.\(q(days.date))::date as day, string_agg(distinct h.\(q(days.name))::text, ', ') as name
          from {{ ref('\(days.from.name)') }} h
          group by 1
        ) h on h.day = x.day
        """
    }
    return calendar(
      node, DateDimensionMaterialization.columns(dates, dialect), rows, dates.members,
      notes: ["Days that leave the bounds leave the table."])
  }

  private func file(of times: TimeDimension, _ node: Node) -> File {
    calendar(
      node, TimeDimensionMaterialization.columns(times, dialect),
      TimeDimensionMaterialization.rows(times, dialect),
      times.members)
  }

  /// - Parameter rows: what follows FROM in the query that gives all rows
  private func calendar(
    _ node: Node, _ columns: [GeneratedDimension.Column], _ rows: String, _ members: [DimensionMember],
    notes: [String] = []
  ) -> File {
    let values = columns.map { "  \($0.value) as \(q($0.name))" }.joined(separator: ",\n")
    let others = members.map { member in
      let row = columns.enumerated().map { index, column in
        index == 0
          ? "\(member.key)" : column.isText ? dialect.literal(member.label) : "null::\(column.type)"
      }
      return "\nunion all\nselect \(row.joined(separator: ", "))"
    }
    let sql = "select\n\(values)\nfrom \(rows)\(others.joined())\n"
    return File(path: node.originalFilePath, text: Self.configured(sql, as: "table", notes: notes))
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
    let matches = JunkKeys.matches(
      junk.flags.map { ("n.\(q($0))", "d.\(q($0))", types[$0] ?? "text") }, key: "d.\(q(junk.surrogateKey))",
      dialect)
    let combinations = "(select distinct \(flags) from stated) n"
    return File(
      path: node.originalFilePath,
      text: Self.combinations(
        Self.query(node), key: junk.surrogateKey, counted: "row_number() over (order by \(flags))",
        columns: flags, from: combinations, known: matches, members: members, self))
  }

  /// An incremental model with a row for each combination that was ever seen.
  ///
  /// - Parameters:
  ///   - counted: a new combination's number among the new ones; or with `isHash` its key.
  ///   - combinations: what follows FROM, with the alias `n`.
  ///   - known: whether a row `d` of the table has the combination `n`.
  static func combinations(
    _ query: String, key: String, counted: String, isHash: Bool = false, columns: String,
    from combinations: String, known: String, members: [String], _ ejection: Ejection
  ) -> String {
    let q = ejection.q(key)
    let highest =
      "{% if is_incremental() %}(select greatest(max(\(q)), 0) from {{ this }}){% else %}0{% endif %} + "
    return configured(
      """
      with stated as (
      \(query)
      )

      select \(isHash ? "" : highest)\(counted) as \(q), \(columns)
      from \(combinations)
      {%- if is_incremental() %}
      where not exists (
        select 1 from {{ this }} d
        where \(known))
      {%- else %}\(members.joined())
      {%- endif %}

      """, as: "incremental", settings: ["full_refresh=false"],
      notes: ["Combinations are added and never taken away: each keeps its key."])
  }

  // MARK: What facts add to dimensions

  /// Whether dimensions get rows for what the fact meets: members that are inferred, combinations of flags.
  func adds(_ fact: Fact) -> Bool {
    star.facts[fact.node] != nil
      && star.lookups(of: fact, manifest).contains { edge, target in
        target.isJunk ? edge.missing != .error : edge.missing == .infer
      }
  }

  // MARK: Words

  /// What stands in place of a relation's name.
  func reference(to id: NodeID) -> String {
    guard let node = manifest.nodes[id] else { return "{{ ref('\(id.rawValue)') }}" }
    return node.packageName == manifest.projectName
      ? "{{ ref('\(node.name)') }}" : "{{ ref('\(node.packageName)', '\(node.name)') }}"
  }

  /// What stands in place of the name of a dimension that a fact looks up.
  func reference(to lookup: FactLayout.Lookup) -> String {
    reference(to: lookup.target.node, at: lookup.relation)
  }

  /// What stands in place of the name of a dimension that another leads to.
  func reference(to link: OutriggerKeys.Link) -> String { reference(to: link.target, at: link.relation) }

  /// A mini-dimension is looked up in its history.
  private func reference(to id: NodeID, at relation: RelationName) -> String {
    guard let node = manifest.nodes[id], node.relation != relation else { return reference(to: id) }
    return "{{ ref('\(EjectedMiniDimension.history(of: node))') }}"
  }

  private static func name(apart node: Node) -> String { node.name + "__input" }
  static func reference(apart node: Node) -> String { "{{ ref('\(name(apart: node))') }}" }

  /// The model's own SQL as a view beside it.
  static func apart(_ node: Node) -> File {
    let path = node.originalFilePath
    let stem = path.hasSuffix(".sql") ? String(path.dropLast(4)) : path
    return File(path: stem + "__input.sql", text: configured(query(node), as: "view"))
  }

  /// The rows of the model's own SQL, as a query.
  static func rows(of node: Node, apart isApart: Bool) -> String {
    isApart ? "select * from \(reference(apart: node))" : query(node)
  }

  func q(_ name: String) -> String { dialect.quote(name) }

  /// A model's own SQL as a part of another query.
  static func query(_ node: Node) -> String {
    var text = node.rawCode[...]
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    while let first = text.first, first.isNewline { text.removeFirst() }
    return String(text)
  }

  /// A file's text with its configuration, which stands last where the text has one of its own.
  static func configured(
    _ sql: String, as kind: String, settings: [String] = [], notes: [String] = []
  ) -> String {
    let config = "{{ config(\((["materialized='\(kind)'"] + settings).joined(separator: ", "))) }}\n"
    let head = notes.map { "-- \($0)\n" }.joined()
    let body = sql.hasSuffix("\n") ? sql : sql + "\n"
    return body.contains("config(") ? head + body + config : head + config + body
  }
}
