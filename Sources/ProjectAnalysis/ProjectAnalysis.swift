public import Diagnostics
public import OrderedCollections
public import ProjectModel
public import SQLAnalysis
public import StarModel

/// What the SQL of a project's models tells without a server: the columns of each, their types, where they come from,
/// and what the server would refuse.
public struct ProjectAnalysis: Sendable {
  public typealias Use = QueryShape.Use

  /// A relation of the project as others read it.
  public struct Table: Sendable {
    public var shape: RelationShape
    /// Whether SQL of it could be read; false for sources, seeds, and models whose templates ask the database.
    public var isRead = false
    /// What each column is made of, by its name. A column that is not among them is made of nothing, or nobody knows.
    public var origins: [String: [ProjectColumn: QueryShape.Use]] = [:]
    /// The columns that its rows hang on without being made of them: conditions, joins, groups.
    public var conditions: Set<ProjectColumn> = []
  }

  /// In order of the graph: what a model reads stands before it.
  public private(set) var tables: OrderedDictionary<NodeID, Table> = [:]
  /// Which columns are made of which; worked out anew each time.
  public var lineage: ColumnLineage { ColumnLineage(tables.elements) }
  /// What the findings of all queries say, each a warning at the user's own line.
  public private(set) var diagnostics: [Diagnostic] = []

  /// Facts whose SQL alone, with the keys of what it reads, gives no two rows of one grain. Of the others each load
  /// finds out. Keys are those of GROUP BY and its like, and those that the tests of the relations hold.
  public private(set) var provedGrains: [NodeID] = []

  private let manifest: Manifest
  /// Redshift has syntax, functions and operators of its own.
  private var isPostgres: Bool { manifest.adapterType != "redshift" }
  private let star: Star
  private var nodes: [TableName: NodeID] = [:]
  /// What is told already: the text of an ephemeral model or a macro stands in many queries.
  private var told: Set<Diagnostic> = []

  /// - Parameters:
  ///   - compiled: the SQL of the nodes that could be compiled; of the others only what is declared is known
  ///   - seeds: the columns of seeds
  public init(
    _ manifest: Manifest, star: Star, compiled: [NodeID: CompiledNode],
    seeds: [NodeID: [RelationShape.Column]]
  ) {
    self.manifest = manifest
    self.star = star
    for (id, node) in manifest.nodes where node.resourceType != .test {
      if let relation = node.relation { nodes[TableName(relation)] = id }
    }
    for (id, source) in manifest.sources { nodes[TableName(source.relation)] = id }
    for (id, source) in manifest.sources { tables[id] = Table(shape: declared(source)) }
    for id in order() {
      guard let node = manifest.nodes[id] else { continue }
      if node.resourceType == .seed {
        tables[id] = Table(shape: seed(node, seeds[id]))
      } else if let code = compiled[id] {
        analyze(node, code)
      }
    }
    told = []
  }

  /// What the SQL of a node says; nil when it is no query.
  public func query(_ code: CompiledNode) -> QueryAnalysis? {
    (try? QueryAnalysis(code.sql, resolve: { tables[of: node(of: $0)]?.shape })) ?? nil
  }

  /// The node or source of a relation's name as a query writes it; the database may be left out.
  private func node(of name: TableName) -> NodeID? {
    nodes[TableName(schema: name.schema, name: name.name)]
  }

  /// Parents first.
  private func order() -> [NodeID] {
    var result: [NodeID] = []
    var seen: Set<NodeID> = []
    // A node is looked at twice: its parents go before it.
    var waiting: [(id: NodeID, isReady: Bool)] = manifest.nodes.keys.reversed().map { ($0, false) }
    while let (id, isReady) = waiting.popLast() {
      if isReady {
        result.append(id)
      } else if seen.insert(id).inserted {
        waiting.append((id, true))
        for parent in manifest.nodes[id]?.dependsOn.reversed() ?? [] where !seen.contains(parent) {
          waiting.append((parent, false))
        }
      }
    }
    return result
  }

  // MARK: Relations that no SQL makes

  /// A source may have columns that nobody describes.
  private func declared(_ source: SourceDefinition) -> RelationShape {
    RelationShape(columns: source.columns.values.map(Self.column), isComplete: false)
  }

  private static func column(_ properties: ColumnProperties) -> RelationShape.Column {
    RelationShape.Column(
      name: properties.name.lowercased(), type: properties.dataType.flatMap { SQLType(text: $0) })
  }

  private func seed(_ node: Node, _ columns: [RelationShape.Column]?) -> RelationShape {
    guard let columns else {
      return RelationShape(columns: node.columns.values.map(Self.column), isComplete: false)
    }
    return RelationShape(columns: columns, isComplete: true, keys: keys(of: node))
  }

  /// The keys that tests and constraints hold: dbt takes a model's primary key from them.
  private func keys(of node: Node) -> [Set<String>] {
    node.primaryKey.isEmpty ? [] : [Set(node.primaryKey.map { $0.lowercased() })]
  }

  // MARK: Models

  private mutating func analyze(_ node: Node, _ code: CompiledNode) {
    // What generic tests ask is no one's own text.
    let isGeneric = node.resourceType == .test && node.test != nil
    guard !isGeneric else { return }
    if node.packageName == manifest.projectName { diagnostics += Suppressions(node).mistakes }
    let analysis: QueryAnalysis
    do {
      let known = tables
      // An ephemeral model is a relation to those who read it, as any other.
      for injected in code.injected { nodes[TableName(name: injected.name)] = injected.id }
      let ephemerals = Set(code.injected.map(\.name))
      guard
        let query = try QueryAnalysis(
          code.sql, relations: ephemerals, resolve: { known[of: self.node(of: $0)]?.shape })
      else { return }
      analysis = query
    } catch {
      report(error, of: node, code)
      return
    }
    report(analysis.findings, of: node, code)
    guard node.resourceType != .test, node.resourceType != .analysis else { return }
    var table = Table(shape: analysis.shape.relation, isRead: true)
    table.shape.keys += keys(of: node)
    table.conditions = Set(analysis.shape.conditions.compactMap(column))
    for column in analysis.shape.columns {
      for (origin, use) in column.origins {
        guard let from = self.column(origin) else { continue }
        table.add(from, use, to: column.name)
      }
    }
    if let fact = star.facts[node.id], analysis.shape.isUnique(Set(fact.grain)) {
      provedGrains.append(node.id)
    }
    publish(node, into: &table)
    tables[node.id] = table
  }

  private func column(_ reference: ColumnReference) -> ProjectColumn? {
    node(of: reference.table).map { ProjectColumn(node: $0, name: reference.column) }
  }

  /// What the materialization adds to the columns of the SQL.
  private mutating func publish(_ node: Node, into table: inout Table) {
    func add(_ name: String, _ type: SQLType?) {
      guard !table.shape.columns.contains(where: { $0.name == name }) else { return }
      table.shape.columns.append(RelationShape.Column(name: name, type: type))
    }
    if let audit = star.audit(of: node.id, in: manifest) { add(audit.surrogateKey, SQLType(text: "bigint")) }
    if let dimension = star.dimensions[node.id] {
      let names = dimension.columns
      let timestamp = SQLType(text: "timestamp")
      add(
        dimension.surrogateKey.name,
        dimension.surrogateKey.method == .integer ? SQLType(text: "bigint") : SQLType(text: "text"))
      if let durable = dimension.durableKey { add(durable, SQLType(text: "bigint")) }
      // The time of a version is no attribute: it is where the version begins.
      let effective = table.shape.columns.first { $0.name == dimension.effectiveAt }
      table.shape.columns.removeAll { $0.name == dimension.effectiveAt }
      if let time = dimension.effectiveAt, let origins = table.origins.removeValue(forKey: time) {
        table.origins[names.validFrom] = origins
      }
      add(names.validFrom, effective?.type ?? timestamp)
      add(names.validTo, timestamp)
      add(names.isCurrent, SQLType(text: "boolean"))
      for key in dimension.naturalKey {
        table.add(ProjectColumn(node: node.id, name: key), .transformed, to: dimension.surrogateKey.name)
      }
      table.shape.keys = [[dimension.surrogateKey.name]]
      // Copies of attributes and outriggers are not listed here.
      table.shape.isComplete = false
    } else if let fact = star.facts[node.id] {
      for (edge, target) in star.lookups(of: fact, manifest) {
        let key = edge.foreignKey(target.surrogateKey.name)
        add(key, nil)
        table.add(ProjectColumn(node: target.node, name: target.surrogateKey.name), .copied, to: key)
        for column in edge.key ?? target.naturalKey {
          table.add(ProjectColumn(node: node.id, name: column), .transformed, to: key)
        }
      }
      table.shape.keys.append(Set(fact.grain))
      table.shape.isComplete = false
    } else if let dates = star.dateDimensions[node.id] {
      add(dates.surrogateKey, SQLType(text: "integer"))
      add(DateDimension.dateColumn, SQLType(text: "date"))
      table.shape.keys = [[dates.surrogateKey], [DateDimension.dateColumn]]
      table.shape.isComplete = false
    } else if let audit = star.audits[node.id] {
      add(audit.surrogateKey, SQLType(text: "bigint"))
      for column in AuditDimension.columns { add(column.name, SQLType(text: column.type)) }
      table.shape.keys = [[audit.surrogateKey]]
    } else if let times = star.timeDimensions[node.id] {
      add(times.surrogateKey, SQLType(text: "integer"))
      add(TimeDimension.timeColumn, SQLType(text: "time"))
      table.shape.keys = [[times.surrogateKey], [TimeDimension.timeColumn]]
      table.shape.isComplete = false
    } else if !Self.plain.contains(node.config.materialized) {
      // A snapshot's own columns, or whatever a materialization of the project's makes.
      table.shape.isComplete = false
      table.shape.keys = []
    }
  }

  /// Materializations whose relation has the columns of the SQL and no others.
  private static let plain: Set<String> = [
    "view", "table", "ephemeral", "staging", "materialized_view", "test",
  ]

  // MARK: Mistakes

  private mutating func tell(_ diagnostic: Diagnostic, of node: Node) {
    guard !Suppressions(node).allow(diagnostic) else { return }
    if told.insert(diagnostic).inserted { diagnostics.append(diagnostic) }
  }

  /// What the parser does not take is none of PostgreSQL's language, as version 15 has it.
  private mutating func report(_ error: SQLParser.SyntaxError, of node: Node, _ code: CompiledNode) {
    guard isPostgres, node.packageName == manifest.projectName, let character = error.character else {
      return
    }
    let scalars = code.sql.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: character, limitedBy: scalars.endIndex),
      let span = code.sourceMap.position(
        of: code.sql.utf8.distance(from: code.sql.startIndex, to: end), in: code.sql)
    else { return }
    tell(
      Diagnostic(
        "sql-syntax", severity: .warning, "PostgreSQL does not read this: \(error.message)", at: span,
        notes: ["read with the grammar of PostgreSQL 15; columns behind it are not known"]), of: node)
  }

  private mutating func report(_ findings: [QueryAnalysis.Finding], of node: Node, _ code: CompiledNode) {
    // What a package says wrong is for its author to mend.
    guard node.packageName == manifest.projectName else { return }
    for finding in findings.sorted(by: { ($0.offset ?? 0) < ($1.offset ?? 0) }) {
      guard isPostgres || finding.kind.isOfEveryServer else { continue }
      if case .unusedCTE(let name) = finding.kind, code.injected.contains(where: { $0.name == name }) {
        continue
      }
      let span = finding.offset.flatMap { code.sourceMap.position(of: $0, in: code.sql) }
      guard span != nil || finding.offset == nil else { continue }
      let place = span ?? SourceSpan(file: node.originalFilePath, line: 1, column: 1)
      tell(finding.diagnostic(of: node.name, at: place), of: node)
    }
  }
}

extension ProjectAnalysis.Table {
  /// Two columns of one name are one to those who read them.
  fileprivate mutating func add(_ origin: ProjectColumn, _ use: QueryShape.Use, to column: String) {
    origins[column, default: [:]].merge([origin: use], uniquingKeysWith: max)
  }
}

extension OrderedDictionary<NodeID, ProjectAnalysis.Table> {
  fileprivate subscript(of id: NodeID?) -> ProjectAnalysis.Table? { id.flatMap { self[$0] } }
}

extension TableName {
  /// The key under which a relation is found: its database is that of the connection.
  init(_ relation: RelationName) { self.init(schema: relation.schema, name: relation.identifier) }
}
