public import ProjectModel
public import SQLAnalysis

/// What a change of the project does: to the columns of its relations, and to all that reads them.
///
/// Only what both analyses know is compared. Of a model whose SQL one of them could not read, only that it changed is told.
public struct Impact: Sendable {
  public struct Retyped: Sendable, Hashable {
    public var name: String
    public var before: SQLType
    public var now: SQLType
  }

  public struct Renamed: Sendable, Hashable {
    public var before: String
    public var now: String
  }

  /// A relation whose columns are others now, or are made of others.
  public struct Change: Sendable {
    public var node: NodeID
    public var added: [String] = []
    public var removed: [String] = []
    public var retyped: [Retyped] = []
    /// Made of the same column as before, under another name.
    public var renamed: [Renamed] = []
    /// Columns of the same name and type that are made of other columns now.
    public var redefined: [String] = []
    /// Whether one of the two SQLs is not known, or not all columns of it.
    public var isPartial = false

    init(_ node: NodeID) { self.node = node }

    var isEmpty: Bool {
      added.isEmpty && removed.isEmpty && retyped.isEmpty && renamed.isEmpty && redefined.isEmpty
    }
  }

  /// Something that a change reaches.
  public struct Touched: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      case column, test, exposure, metric
      case semanticModel = "semantic_model"
    }

    public var kind: Kind
    public var node: NodeID
    /// Of a column: its name.
    public var column: String?
    /// The changed column; without a name, the relation as a whole.
    public var cause: ProjectColumn
    /// What became of the cause: `removed`, `renamed to x`, `integer is text now`, `made of other columns`.
    public var what: String
    /// Whether it fails or is wrong now, as far as anybody can say.
    public var isBreaking: Bool
  }

  public private(set) var added: [NodeID] = []
  public private(set) var removed: [NodeID] = []
  public private(set) var changes: [Change] = []
  /// In order of the kinds; what breaks stands first in each.
  public private(set) var touched: [Touched] = []
  /// Removed columns and relations that others outside of the project may read: those of public models.
  public private(set) var promises: [ProjectColumn] = []

  public var isBreaking: Bool { !promises.isEmpty || touched.contains(where: \.isBreaking) }
  public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changes.isEmpty }

  private let before: ProjectAnalysis
  private let now: ProjectAnalysis

  public init(from before: ProjectAnalysis, to now: ProjectAnalysis) {
    self.before = before
    self.now = now
    compareRelations()
    follow()
    touched.sort {
      (Touched.Kind.order($0.kind), $0.isBreaking ? 0 : 1, $0.node.rawValue, $0.column ?? "", $0.cause)
        < (Touched.Kind.order($1.kind), $1.isBreaking ? 0 : 1, $1.node.rawValue, $1.column ?? "", $1.cause)
    }
  }

  /// What has columns that others read.
  private static func isRelation(_ node: Node) -> Bool {
    [.model, .seed, .snapshot].contains(node.resourceType)
  }

  // MARK: Relations

  private mutating func compareRelations() {
    for node in now.manifest.nodes.values where Self.isRelation(node) {
      guard let old = before.manifest.nodes[node.id] else {
        added.append(node.id)
        continue
      }
      if let change = change(of: node, since: old) { changes.append(change) }
    }
    for node in before.manifest.nodes.values
    where Self.isRelation(node) && now.manifest.nodes[node.id] == nil {
      removed.append(node.id)
      if node.access == "public" { promises.append(ProjectColumn(node: node.id, name: "")) }
    }
  }

  private mutating func change(of node: Node, since old: Node) -> Change? {
    var change = Change(node.id)
    let (tableBefore, tableNow) = (before.tables[node.id], now.tables[node.id])
    guard let tableBefore, let tableNow else {
      change.isPartial = true
      return old.checksum == node.checksum ? nil : change
    }
    let isKnown = isListed(node, before) && isListed(node, now)
    change.isPartial = !isKnown
    let columnsBefore = tableBefore.shape.columns
    let columnsNow = tableNow.shape.columns
    let namesNow = Set(columnsNow.map(\.name))
    let namesBefore = Set(columnsBefore.map(\.name))
    if isKnown {
      change.removed = columnsBefore.map(\.name).filter { !namesNow.contains($0) }
      change.added = columnsNow.map(\.name).filter { !namesBefore.contains($0) }
      findRenamed(&change, tableBefore, tableNow)
    }
    for column in columnsNow {
      guard let other = columnsBefore.first(where: { $0.name == column.name }) else { continue }
      if let first = other.type, let second = column.type, first != second {
        change.retyped.append(Retyped(name: column.name, before: first, now: second))
      } else if tableBefore.isRead, tableNow.isRead, !stillReads(node.id),
        tableBefore.origins[column.name] ?? [:] != tableNow.origins[column.name] ?? [:]
      {
        change.redefined.append(column.name)
      }
    }
    if node.access == "public" || node.config["contract"]?.mapping?["enforced"]?.bool == true {
      promises += (change.removed + change.renamed.map(\.before)).map {
        ProjectColumn(node: node.id, name: $0)
      }
    }
    let isUnread = change.isPartial && old.checksum != node.checksum
    return change.isEmpty && !isUnread ? nil : change
  }

  /// Whether all columns that a relation's SQL or file gives are known; a materialization may keep older ones.
  private func isListed(_ node: Node, _ analysis: ProjectAnalysis) -> Bool {
    if node.resourceType == .seed { return analysis.tables[node.id]?.shape.isComplete ?? false }
    return analysis.queries[node.id]?.shape?.isComplete ?? false
  }

  /// Pairs of a removed and an added column that are a copy of one and the same column, which no other is.
  private func findRenamed(
    _ change: inout Change, _ tableBefore: ProjectAnalysis.Table, _ tableNow: ProjectAnalysis.Table
  ) {
    func copies(_ names: [String], _ table: ProjectAnalysis.Table) -> [ProjectColumn: [String]] {
      Dictionary(
        grouping: names.filter {
          table.origins[$0]?.count == 1 && table.origins[$0]?.first?.value == .copied
        },
        by: { table.origins[$0]?.first?.key ?? ProjectColumn(node: NodeID(""), name: "") })
    }
    let new = copies(change.added, tableNow)
    for (origin, old) in copies(change.removed, tableBefore).sorted(by: { $0.key < $1.key }) {
      guard old.count == 1, let names = new[origin], names.count == 1 else { continue }
      change.renamed.append(Renamed(before: old[0], now: names[0]))
      change.removed.removeAll { $0 == old[0] }
      change.added.removeAll { $0 == names[0] }
    }
  }

  // MARK: What reads them

  /// A column that is another now, and in which way.
  private struct Cause {
    var column: ProjectColumn
    var what: String
    /// Whether who reads it under its name finds nothing.
    var isGone: Bool
    var isRetyped = false
  }

  private mutating func follow() {
    let lineages = (before: before.lineage, now: now.lineage)
    var reached: Set<Touched> = []
    for change in changes {
      for cause in causes(change) { follow(cause, lineages, &reached) }
    }
    for node in removed {
      for column in before.tables[node]?.shape.columns ?? [] {
        let cause = Cause(column: ProjectColumn(node: node, name: column.name), what: "removed", isGone: true)
        follow(cause, lineages, &reached)
      }
    }
    touched = Array(reached)
    followOthers()
  }

  private func causes(_ change: Change) -> [Cause] {
    func column(_ name: String) -> ProjectColumn { ProjectColumn(node: change.node, name: name) }
    return change.removed.map { Cause(column: column($0), what: "removed", isGone: true) }
      + change.renamed.map { Cause(column: column($0.before), what: "renamed to \($0.now)", isGone: true) }
      + change.retyped.map {
        Cause(
          column: column($0.name), what: "\($0.before) is \($0.now) now", isGone: false, isRetyped: true)
      }
      + change.redefined.map { Cause(column: column($0), what: "made of other columns", isGone: false) }
  }

  /// Columns and tests. What is gone is looked for where it was read, what changed where it is read.
  private mutating func follow(
    _ cause: Cause, _ lineages: (before: ColumnLineage, now: ColumnLineage), _ reached: inout Set<Touched>
  ) {
    let lineage = cause.isGone ? lineages.before : lineages.now
    for edge in lineage.edges(.downstream, ofAll: [cause.column]) where edge.to != cause.column {
      guard now.manifest.nodes[edge.to.node] != nil else { continue }
      let isStill = now.tables[edge.to.node]?.shape.columns.contains { $0.name == edge.to.name } ?? false
      // A column that is told as removed itself needs no second word.
      guard isStill || !(now.tables[edge.to.node]?.shape.isComplete ?? false) else { continue }
      let isDirect = edge.from == cause.column
      reached.insert(
        Touched(
          kind: .column, node: edge.to.node, column: edge.to.name, cause: cause.column, what: cause.what,
          isBreaking: cause.isGone && isDirect && stillReads(edge.to.node)))
    }
    for test in now.manifest.nodes.values where test.resourceType == .test {
      guard names(test, cause.column) else { continue }
      reached.insert(
        Touched(
          kind: .test, node: test.id, column: nil, cause: cause.column, what: cause.what,
          isBreaking: cause.isGone))
    }
  }

  /// Whether a node's SQL is what it was, so that it still reads what it read.
  private func stillReads(_ node: NodeID) -> Bool {
    if let old = before.manifest.nodes[node], old.checksum == now.manifest.nodes[node]?.checksum {
      return true
    }
    guard let old = before.queries[node], let new = now.queries[node] else { return false }
    return old.sql == new.sql
  }

  private func names(_ test: Node, _ column: ProjectColumn) -> Bool {
    guard let generic = test.test else { return false }
    let tested = generic.attachedNode ?? (test.dependsOn.count == 1 ? test.dependsOn[0] : nil)
    func isIt(_ name: String?) -> Bool { name.map { $0.lowercased() == column.name } ?? false }
    if tested == column.node, isIt(generic.columnName) { return true }
    return test.dependsOn.contains(column.node) && tested != nil && tested != column.node
      && isIt(generic.arguments["field"]?.string)
  }

  /// Exposures, semantic models and metrics, of which most do not say which columns they read.
  private mutating func followOthers() {
    var causes: [NodeID: [Cause]] = [:]
    for change in changes { causes[change.node] = self.causes(change) }
    for node in removed {
      causes[node] = [Cause(column: ProjectColumn(node: node, name: ""), what: "removed", isGone: true)]
    }
    for reached in touched where reached.kind == .column {
      guard let name = reached.column else { continue }
      causes[reached.node, default: []].append(
        Cause(
          column: ProjectColumn(node: reached.node, name: name), what: "made of a changed column",
          isGone: false))
    }
    var found: Set<Touched> = []
    for exposure in now.manifest.exposures.values {
      let named = Set((exposure.meta["columns"]?.strings ?? []).map { $0.lowercased() })
      for cause in exposure.dependsOn.flatMap({ causes[$0] ?? [] }) {
        guard named.isEmpty || named.contains(cause.column.name) || cause.column.name.isEmpty else {
          continue
        }
        found.insert(
          Touched(
            kind: .exposure, node: exposure.id, cause: cause.column, what: cause.what,
            isBreaking: cause.isGone || cause.isRetyped))
      }
    }
    var models: Set<NodeID> = []
    for (id, entry) in now.manifest.opaque[.semanticModel] ?? [:] {
      let parents = entry.mapping?["depends_on"]?.mapping?["nodes"]?.strings ?? []
      let names = SemanticNames(entry)
      for cause in parents.flatMap({ causes[NodeID($0)] ?? [] })
      where cause.column.name.isEmpty || names.contain(cause.column.name) {
        models.insert(id)
        found.insert(
          Touched(
            kind: .semanticModel, node: id, cause: cause.column, what: cause.what, isBreaking: cause.isGone))
      }
    }
    var waiting = Array(models)
    var seen = models
    while let model = waiting.popLast() {
      for (id, entry) in now.manifest.opaque[.metric] ?? [:] {
        let parents = entry.mapping?["depends_on"]?.mapping?["nodes"]?.strings ?? []
        guard parents.contains(model.rawValue), seen.insert(id).inserted else { continue }
        waiting.append(id)
        found.insert(
          Touched(
            kind: .metric, node: id, cause: ProjectColumn(node: model, name: ""), what: "reads what changed",
            isBreaking: false))
      }
    }
    touched += found
  }
}

/// The words of a semantic model's expressions: columns are among them.
private struct SemanticNames {
  private var words: Set<String> = []

  init(_ entry: PlainValue) {
    for kind in ["entities", "dimensions", "measures"] {
      for item in entry.mapping?[kind]?.list ?? [] {
        let text = item.mapping?["expr"]?.string ?? item.mapping?["name"]?.string ?? ""
        for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
          words.insert(String(word))
        }
      }
    }
  }

  func contain(_ column: String) -> Bool { words.contains(column) }
}

extension Impact.Touched.Kind {
  fileprivate static func order(_ kind: Self) -> Int { allCases.firstIndex(of: kind) ?? 0 }
}
