public import Diagnostics
public import OrderedCollections
public import ProjectModel
public import SQLAnalysis
public import StarModel

/// What the SQL of a project's models tells without a server: the columns of each, their types, where they come from,
/// and what the server would refuse.
public struct ProjectAnalysis: Sendable {
  public typealias Use = QueryShape.Use

  public struct Finding: Sendable {
    public var node: NodeID
    public var diagnostic: Diagnostic
    /// Whether a build need not tell it: what it is about runs, and nobody asked for it.
    public var isRemark: Bool

    public init(node: NodeID, diagnostic: Diagnostic, isRemark: Bool) {
      self.node = node
      self.diagnostic = diagnostic
      self.isRemark = isRemark
    }
  }

  /// A relation of the project as others read it.
  public struct Table: Sendable {
    public var shape: RelationShape
    /// Whether SQL of it could be read; false for sources, seeds, and models whose templates ask the database.
    public var isRead = false
    /// What each column is made of, by its name. A column that is not among them is made of nothing, or nobody knows.
    public var origins: [String: [ProjectColumn: QueryShape.Use]] = [:]
    /// The relation whose columns it passes on without anybody having listed them.
    var open: NodeID?
    /// The columns that its rows hang on without being made of them: conditions, joins, groups.
    public var conditions: Set<ProjectColumn> = []
  }

  /// In order of the graph: what a model reads stands before it.
  public private(set) var tables: OrderedDictionary<NodeID, Table> = [:]
  /// Which columns are made of which; worked out anew each time.
  public var lineage: ColumnLineage { ColumnLineage(tables.elements) }
  /// What is wrong, in the project's own files, each as heavy as `sql_rules` want it.
  public internal(set) var findings: [Finding] = []
  public var diagnostics: [Diagnostic] { findings.map(\.diagnostic) }
  /// What was worked out of each node's SQL, for a later analysis to begin with.
  public private(set) var queries: [NodeID: AnalyzedQuery] = [:]
  /// The nodes whose SQL had to be read, since nothing earlier says what it tells.
  public private(set) var renewed: [NodeID] = []

  /// Facts whose SQL alone, with the keys of what it reads, gives no two rows of one grain. Of the others each load
  /// finds out. Keys are those of GROUP BY and its like, and those that the tests of the relations hold.
  public private(set) var provedGrains: [NodeID] = []

  let manifest: Manifest
  /// Redshift has syntax, functions and operators of its own.
  var isPostgres: Bool { manifest.adapterType != "redshift" }
  let star: Star
  private var nodes: [TableName: NodeID] = [:]
  /// What is told already: the text of an ephemeral model or a macro stands in many queries.
  var told: Set<Diagnostic> = []
  private var shapeHashes: [NodeID: UInt64] = [:]

  /// - Parameters:
  ///   - compiled: the SQL of the nodes that could be compiled; of the others only what is declared is known
  ///   - seeds: the columns of seeds
  ///   - earlier: what an earlier analysis worked out; used where nothing that it hangs on is another now
  public init(
    _ manifest: Manifest, star: Star, compiled: [NodeID: CompiledNode],
    seeds: [NodeID: [RelationShape.Column]], earlier: [NodeID: AnalyzedQuery] = [:]
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
        analyze(node, code, earlier[id])
      }
    }
    checkDeclarations()
    told = []
  }

  /// What the SQL of a node says; nil when it is no query.
  public func query(_ code: CompiledNode) -> QueryAnalysis? {
    (try? QueryAnalysis(
      code.sql, in: isPostgres ? .postgres : .redshift, resolve: { tables[of: node(of: $0)]?.shape })) ?? nil
  }

  /// The node or source of a relation's name as a query writes it; the database may be left out.
  func node(of name: TableName) -> NodeID? {
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

  private mutating func analyze(_ node: Node, _ code: CompiledNode, _ earlier: AnalyzedQuery?) {
    // What generic tests ask is no one's own text.
    let isGeneric = node.resourceType == .test && node.test != nil
    guard !isGeneric else { return }
    if node.packageName == manifest.projectName { tellMistakes(inSettingsOf: node) }
    // An ephemeral model is a relation to those who read it, as any other.
    for injected in code.injected { nodes[TableName(name: injected.name)] = injected.id }
    let hash = AnalyzedQuery.hash(of: code, adapter: manifest.adapterType)
    let query: AnalyzedQuery
    if let earlier, earlier.sql == hash, holds(earlier) {
      query = earlier
    } else {
      query = worked(out: code, of: node, hash: hash)
      renewed.append(node.id)
    }
    queries[node.id] = query
    tell(query, of: node, code)
    guard let shape = query.shape, node.resourceType != .test, node.resourceType != .analysis else { return }
    var table = Table(shape: shape.relation, isRead: true)
    table.shape.keys += keys(of: node)
    table.conditions = Set(shape.conditions.compactMap(column))
    table.open = shape.open.flatMap(self.node(of:))
    for column in shape.columns {
      for (origin, use) in column.origins {
        guard let from = self.column(origin) else { continue }
        table.add(from, use, to: column.name)
        passOn(from)
      }
    }
    if let fact = star.facts[node.id], shape.isUnique(Set(fact.grain)) { provedGrains.append(node.id) }
    publish(node, into: &table)
    tables[node.id] = table
  }

  /// Whether all that an earlier answer hangs on is as it was.
  private mutating func holds(_ earlier: AnalyzedQuery) -> Bool {
    earlier.reads.allSatisfy { shapeHash(of: $0.table) == $0.shape }
  }

  private mutating func shapeHash(of name: TableName) -> UInt64 {
    guard let id = node(of: name), let table = tables[id] else { return 0 }
    if let known = shapeHashes[id] { return known }
    let hash = table.shape.contentHash
    shapeHashes[id] = hash
    return hash
  }

  private mutating func worked(out code: CompiledNode, of node: Node, hash: UInt64) -> AnalyzedQuery {
    do {
      let known = tables
      let query = try QueryAnalysis(
        code.sql, in: isPostgres ? .postgres : .redshift, relations: Set(code.injected.map(\.name)),
        resolve: { known[of: self.node(of: $0)]?.shape })
      guard let query else {
        return AnalyzedQuery(
          sql: hash, reads: [], shape: nil, gap: "its text is not one query", remarks: [])
      }
      return AnalyzedQuery(
        sql: hash,
        reads: query.tables.map { .init(table: $0.name, shape: shapeHash(of: $0.name), offset: $0.offset) },
        shape: query.shape,
        remarks: query.findings.filter { isPostgres || $0.kind.isOfEveryServer }.map {
          $0.remark(of: node.name)
        })
    } catch {
      // What the parser does not take is none of PostgreSQL's language, as version 15 has it.
      let remark = error.byte(in: code.sql).map { offset in
        AnalyzedQuery.Remark(
          rule: .syntax, message: "PostgreSQL does not read this: \(error.message)", help: nil, offset: offset
        )
      }
      return AnalyzedQuery(
        sql: hash, reads: [], shape: nil, gap: "PostgreSQL's parser does not read \(error.message)",
        remarks: isPostgres ? [remark].compactMap { $0 } : [])
    }
  }

  /// A column that a model does not list is that of the relation whose columns it passes on with `*`.
  private mutating func passOn(_ column: ProjectColumn) {
    var column = column
    while let table = tables[column.node], let open = table.open, table.origins[column.name] == nil,
      !table.shape.columns.contains(where: { $0.name == column.name })
    {
      let origin = ProjectColumn(node: open, name: column.name)
      tables[column.node]?.origins[column.name] = [origin: .copied]
      column = origin
    }
  }

  private func column(_ reference: ColumnReference) -> ProjectColumn? {
    node(of: reference.table).map { ProjectColumn(node: $0, name: reference.column) }
  }
}

extension OrderedDictionary<NodeID, ProjectAnalysis.Table> {
  fileprivate subscript(of id: NodeID?) -> ProjectAnalysis.Table? { id.flatMap { self[$0] } }
}

extension SQLParser.SyntaxError {
  /// 0-based byte offset of its place; nil where the parser names none.
  fileprivate func byte(in sql: String) -> Int? {
    let scalars = sql.unicodeScalars
    guard let character,
      let place = scalars.index(scalars.startIndex, offsetBy: character, limitedBy: scalars.endIndex)
    else { return nil }
    return sql.utf8.distance(from: sql.startIndex, to: place)
  }
}

extension TableName {
  /// The key under which a relation is found: its database is that of the connection.
  init(_ relation: RelationName) { self.init(schema: relation.schema, name: relation.identifier) }
}
