import ProjectAnalysis
import ProjectModel

/// Where columns come from, as the nodes' SQL tells it.
///
/// ```
/// node.lineage = true                      whether its SQL could be read; without it nothing here is known
/// node.columns[i].type                     the catalogue's, else the declared one, else that of the SQL
/// node.columns[i].notNull = true           when the SQL tells it
/// node.columns[i].from = [[n, column, how], …]
/// node.uses = [[n, column], …]             columns that decide which rows there are and in which order, and no more
/// ```
///
/// `n` is a position in `nodes` (the node's own among them: a key made of its own columns); `how` is `copy`, `transform` or
/// `aggregate`. A column without `from` of a node whose SQL is known is made of nothing. Columns are named as their node's
/// `columns` name them.
extension SiteData {
  /// What analysis tells of a node's columns, by their names as PostgreSQL folds them.
  struct KnownColumns {
    var table: ProjectAnalysis.Table?
    /// Columns that nobody lists and some model reads.
    var named: [String] = []

    /// In the order of the relation.
    var names: [String] { (table?.shape.columns.map(\.name) ?? []) + named }

    func column(_ name: String) -> (type: String?, isNullable: Bool?)? {
      guard let found = table?.shape.columns.first(where: { $0.name == name }) else { return nil }
      return (found.type?.description, found.isNullable)
    }
  }

  func known(_ id: NodeID) -> KnownColumns {
    KnownColumns(table: input.analysis?.tables[id], named: namedColumns[id] ?? [])
  }

  /// The columns that models read of relations which do not list them.
  static func namedColumns(_ analysis: ProjectAnalysis?) -> [NodeID: [String]] {
    guard let analysis else { return [:] }
    var found: [NodeID: Set<String>] = [:]
    for table in analysis.tables.values {
      for origins in table.origins.values {
        for column in origins.keys { found[column.node, default: []].insert(column.name) }
      }
      for column in table.conditions { found[column.node, default: []].insert(column.name) }
    }
    return Dictionary(
      uniqueKeysWithValues: found.map { id, names in
        let listed = Set(analysis.tables[id]?.shape.columns.map(\.name) ?? [])
        return (id, names.subtracting(listed).sorted())
      })
  }

  mutating func writeOrigins(_ origins: [ProjectColumn: ProjectAnalysis.Use]?) {
    let found = placed(origins?.keys.map { $0 } ?? [])
    guard let origins, !found.isEmpty else { return }
    json.beginArray("from")
    for (position, column) in found {
      json.beginArray()
      json.int(position)
      json.string(column.name)
      switch origins[column] {
      case .aggregated: json.literal("\"aggregate\"")
      case .transformed: json.literal("\"transform\"")
      default: json.literal("\"copy\"")
      }
      json.endArray()
    }
    json.endArray()
  }

  mutating func writeUses(_ id: NodeID) {
    guard let table = input.analysis?.tables[id], table.isRead else { return }
    json.field("lineage", true)
    var values: Set<ProjectColumn> = []
    for origins in table.origins.values { values.formUnion(origins.keys) }
    let found = placed(table.conditions.subtracting(values).map { $0 })
    guard !found.isEmpty else { return }
    json.beginArray("uses")
    for (position, column) in found {
      json.beginArray()
      json.int(position)
      json.string(column.name)
      json.endArray()
    }
    json.endArray()
  }

  private func placed(_ columns: [ProjectColumn]) -> [(Int, ProjectColumn)] {
    columns.compactMap { column in lineage.index[column.node].map { ($0, column) } }
      .sorted { ($0.0, $0.1.name) < ($1.0, $1.1.name) }
  }
}
