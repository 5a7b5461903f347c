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
      publish(fact, into: &table)
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

  /// Keys to dimensions in the place of natural keys that nothing else needs, and what the kind of fact adds.
  private func publish(_ fact: Fact, into table: inout Table) {
    func add(_ name: String, _ type: String) {
      guard !table.shape.columns.contains(where: { $0.name == name }) else { return }
      table.shape.columns.append(RelationShape.Column(name: name, type: SQLType(text: type)))
    }
    let lookups = star.lookups(of: fact, manifest).map { edge, target in
      (
        edge: edge, target: target,
        columns: Fact.LookupColumns(key: edge.key ?? target.naturalKey, time: fact.time(of: edge, in: target))
      )
    }
    let stays = fact.kept(of: table.shape.columns.map(\.name), lookups.map(\.columns))
    // Of a column that does not stay, its key is made of what it was made of.
    var gone: [String: [ProjectColumn: QueryShape.Use]] = [:]
    for column in table.shape.columns where !stays.contains(column.name) {
      gone[column.name] = table.origins.removeValue(forKey: column.name) ?? [:]
    }
    table.shape.columns.removeAll { !stays.contains($0.name) }
    for (edge, target, columns) in lookups {
      let key = edge.foreignKey(target.surrogateKey.name)
      add(key, target.keyType)
      table.add(ProjectColumn(node: target.node, name: target.surrogateKey.name), .copied, to: key)
      for column in columns.key {
        for (origin, use) in gone[column] ?? [ProjectColumn(node: fact.node, name: column): .transformed] {
          table.add(origin, max(use, .transformed), to: key)
        }
      }
      if let durable = target.durableKey {
        add(edge.foreignKey(durable), target.keyType)
        table.add(ProjectColumn(node: target.node, name: durable), .copied, to: edge.foreignKey(durable))
      }
    }
    if let periodic = fact.periodic {
      add(PeriodicSnapshot.startColumn, "date")
      add(PeriodicSnapshot.endColumn, "date")
      if periodic.gaps != .none { add(PeriodicSnapshot.filledColumn, "boolean") }
    }
    for lag in fact.accumulating?.lags ?? [] {
      add(lag.name, lag.unit.seconds == nil ? "integer" : "numeric")
      for milestone in fact.accumulating?.milestones ?? [] where [lag.from, lag.to].contains(milestone.name) {
        table.add(ProjectColumn(node: fact.node, name: milestone.at), .transformed, to: lag.name)
      }
    }
    table.shape.keys = table.shape.keys.filter { $0.isSubset(of: stays) } + [Set(fact.grain)]
    table.shape.isComplete = false
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
