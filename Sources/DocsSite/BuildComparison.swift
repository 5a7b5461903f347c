import Artifacts
import OrderedCollections
import ProjectModel

/// What differs between two builds of a project, node by node.
struct BuildComparison {
  struct Pair<Value> {
    var before: Value
    var after: Value
  }

  /// A column that is only on one side, or has another type or description; nil is a side without it.
  struct ColumnChange {
    var name: String
    var before: Column?
    var after: Column?
  }

  struct Column: Hashable {
    var type: String?
    var description: String
  }

  struct ConfigChange {
    var key: String
    var before: PlainValue?
    var after: PlainValue?
  }

  struct Change {
    enum Kind: String { case added, removed, modified }

    var id: NodeID
    var kind: Kind
    /// SQL as it was written.
    var raw: Pair<String>?
    /// SQL as it was sent; a macro or a variable may change it alone.
    var compiled: Pair<String>?
    var description: Pair<String>?
    var relation: Pair<String>?
    var columns: [ColumnChange] = []
    var config: [ConfigChange] = []
    /// Names of the nodes that it depends on, on one side only.
    var parents = Pair<[String]>(before: [], after: [])
    /// Labels of tests that look at it, on one side only.
    var tests = Pair<[String]>(before: [], after: [])

    var isEmpty: Bool {
      raw == nil && compiled == nil && description == nil && relation == nil && columns.isEmpty
        && config.isEmpty
        && parents.before.isEmpty && parents.after.isEmpty && tests.before.isEmpty && tests.after.isEmpty
    }
  }

  /// In the order of the newer build; what was removed follows.
  private(set) var changes: [Change] = []

  init(before: DocumentedBuild, after: DocumentedBuild) {
    let old = Side(before)
    let new = Side(after)
    for member in new.lineage.members {
      guard old.lineage.index[member.id] != nil else {
        changes.append(Change(id: member.id, kind: .added))
        continue
      }
      let change = Self.change(of: member.id, old, new)
      if !change.isEmpty { changes.append(change) }
    }
    for member in old.lineage.members where new.lineage.index[member.id] == nil {
      changes.append(Change(id: member.id, kind: .removed))
    }
  }

  private static func change(of id: NodeID, _ old: Side, _ new: Side) -> Change {
    var change = Change(id: id, kind: .modified)
    change.raw = pair(old.raw(id), new.raw(id))
    if let before = old.compiled(id), let after = new.compiled(id) { change.compiled = pair(before, after) }
    change.description = pair(old.description(id), new.description(id))
    change.relation = pair(old.relation(id), new.relation(id))
    // A side that asked no database knows only what is declared.
    let isInBoth = old.build.catalog[id] != nil && new.build.catalog[id] != nil
    change.columns = columns(
      old.columns(id, catalogued: isInBoth), new.columns(id, catalogued: isInBoth))
    change.config = config(old.config(id), new.config(id))
    change.parents = apart(old.parents(id), new.parents(id))
    change.tests = apart(old.tests(id), new.tests(id))
    return change
  }

  private static func pair(_ before: String, _ after: String) -> Pair<String>? {
    before == after ? nil : Pair(before: before, after: after)
  }

  private static func apart(_ before: [NodeID: String], _ after: [NodeID: String]) -> Pair<[String]> {
    Pair(
      before: before.filter { after[$0.key] == nil }.values.sorted(),
      after: after.filter { before[$0.key] == nil }.values.sorted())
  }

  private static func columns(
    _ before: OrderedDictionary<String, Column>, _ after: OrderedDictionary<String, Column>
  ) -> [ColumnChange] {
    let gone = before.filter { after[$0.key] == nil }.map {
      ColumnChange(name: $0.key, before: $0.value, after: nil)
    }
    return after.compactMap { name, column in
      column == before[name] ? nil : ColumnChange(name: name, before: before[name], after: column)
    } + gone
  }

  private static func config(
    _ before: OrderedDictionary<String, PlainValue>, _ after: OrderedDictionary<String, PlainValue>
  ) -> [ConfigChange] {
    var keys = OrderedSet(after.keys)
    keys.formUnion(before.keys)
    return keys.compactMap { key in
      let (one, two) = (before[key].spoken, after[key].spoken)
      return one?.canonical == two?.canonical ? nil : ConfigChange(key: key, before: one, after: two)
    }
  }
}

/// One build with the ways to what is compared.
private struct Side {
  let build: DocumentedBuild
  let lineage: Lineage
  private var testsOf: [NodeID: [NodeID: String]] = [:]

  init(_ build: DocumentedBuild) {
    self.build = build
    lineage = Lineage(build.manifest)
    for test in build.manifest.nodes.values where test.resourceType == .test {
      let column = test.test?.columnName.map { " of \($0)" } ?? ""
      let label = (test.test.map(SiteData.label) ?? test.name) + column
      for node in SiteData.tested(test) { testsOf[node, default: [:]][test.id] = label }
    }
  }

  func raw(_ id: NodeID) -> String { build.manifest.nodes[id]?.rawCode ?? "" }

  func compiled(_ id: NodeID) -> String? { build.compiled[id] ?? build.results[id]?.compiledCode }

  func description(_ id: NodeID) -> String {
    build.manifest.nodes[id]?.description ?? build.manifest.sources[id]?.description
      ?? build.manifest.exposures[id]?.description ?? ""
  }

  func relation(_ id: NodeID) -> String {
    build.manifest.nodes[id]?.writtenRelationName ?? build.manifest.sources[id]?.relation.written ?? ""
  }

  func config(_ id: NodeID) -> OrderedDictionary<String, PlainValue> {
    (build.manifest.nodes[id]?.config ?? build.manifest.sources[id]?.config)?.values ?? [:]
  }

  func tests(_ id: NodeID) -> [NodeID: String] { testsOf[id] ?? [:] }

  func parents(_ id: NodeID) -> [NodeID: String] {
    guard let position = lineage.index[id] else { return [:] }
    return lineage.members[position].parents.reduce(into: [:]) {
      $0[lineage.members[$1].id] = lineage.members[$1].name
    }
  }

  func columns(_ id: NodeID, catalogued: Bool) -> OrderedDictionary<
    String, BuildComparison.Column
  > {
    let declared = build.manifest.nodes[id]?.columns ?? build.manifest.sources[id]?.columns ?? [:]
    guard catalogued, let table = build.catalog[id] else {
      return declared.mapValues { .init(type: $0.dataType, description: $0.description) }
    }
    let byName = Dictionary(declared.values.map { ($0.name.lowercased(), $0) }) { first, _ in first }
    return table.columns.reduce(into: [:]) { columns, column in
      columns[column.name] = .init(
        type: column.type, description: byName[column.name.lowercased()]?.description ?? "")
    }
  }
}

extension PlainValue? {
  /// Nothing for what says nothing: an empty value, or what dbt fills in.
  fileprivate var spoken: PlainValue? {
    guard let self, !self.isSilent else { return nil }
    return self
  }
}

extension PlainValue {
  /// The same for values that differ only in the order of keys, or in 1 for 1.0.
  fileprivate var canonical: PlainValue {
    switch self {
    case .int(let value): .double(Double(value))
    case .list(let items): .list(items.map(\.canonical))
    case .mapping(let entries):
      .mapping(
        OrderedDictionary(
          uniqueKeysWithValues: entries.filter { !$0.value.isSilent }.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value.canonical)
          }))
    default: self
    }
  }
}
