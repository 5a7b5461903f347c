import ProjectModel
import SQLAnalysis
import StarModel

extension ProjectAnalysis {
  /// What the materialization adds to the columns of the SQL.
  mutating func publish(_ node: Node, into table: inout Table) {
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
    } else if let times = star.timeDimensions[node.id] {
      add(times.surrogateKey, SQLType(text: "integer"))
      add(TimeDimension.timeColumn, SQLType(text: "time"))
      table.shape.keys = [[times.surrogateKey], [TimeDimension.timeColumn]]
      table.shape.isComplete = false
    } else if let audit = star.audits[node.id] {
      add(audit.surrogateKey, SQLType(text: "bigint"))
      for column in AuditDimension.columns { add(column.name, SQLType(text: column.type)) }
      table.shape.keys = [[audit.surrogateKey]]
    } else if !Self.plain.contains(node.config.materialized) {
      // A snapshot's own columns, or whatever a materialization of the project's makes.
      table.shape.isComplete = false
      table.shape.keys = []
    }
  }

  /// Materializations whose relation has the columns of the SQL and no others.
  static let plain: Set<String> = [
    "view", "table", "ephemeral", "staging", "materialized_view", "test",
  ]
}

extension ProjectAnalysis.Table {
  /// Two columns of one name are one to those who read them.
  mutating func add(_ origin: ProjectColumn, _ use: QueryShape.Use, to column: String) {
    origins[column, default: [:]].merge([origin: use], uniquingKeysWith: max)
  }
}
