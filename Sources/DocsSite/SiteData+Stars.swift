import Artifacts
import ProjectModel
import StarModel

/// What the page shows of dimensions and facts, and the bus matrix.
extension SiteData {
  mutating func writeStar(_ node: Node) {
    if let dimension = input.star.dimensions[node.id] {
      json.beginObject("dimension")
      strings("naturalKey", dimension.naturalKey)
      text("surrogateKey", dimension.surrogateKey.name)
      text("keyMethod", dimension.surrogateKey.method.rawValue)
      text("scd", "\(dimension.scdType.rawValue)")
      text("effectiveAt", dimension.effectiveAt)
      text("input", dimension.input.rawValue)
      text("deletes", dimension.deletes.rawValue)
      text("lateArriving", dimension.lateArriving.rawValue)
      if dimension.isVersioned {
        strings("validity", [dimension.columns.validFrom, dimension.columns.validTo])
        write(input.histories[node.id] ?? [])
      }
      writeMembers(dimension.members)
      json.endObject()
    } else if let dates = input.star.dateDimensions[node.id] {
      json.beginObject("dimension")
      text("surrogateKey", dates.surrogateKey)
      strings("naturalKey", [DateDimension.dateColumn])
      text("calendar", "date")
      writeMembers(dates.members)
      json.endObject()
    } else if let times = input.star.timeDimensions[node.id] {
      json.beginObject("dimension")
      text("surrogateKey", times.surrogateKey)
      strings("naturalKey", [TimeDimension.timeColumn])
      text("calendar", times.grain)
      writeMembers(times.members)
      json.endObject()
    } else if let audit = input.star.audits[node.id] {
      json.beginObject("dimension")
      text("surrogateKey", audit.surrogateKey)
      strings("naturalKey", ["load"])
      writeMembers(audit.members)
      json.endObject()
    } else if let junk = input.star.junkDimensions[node.id] {
      json.beginObject("dimension")
      text("surrogateKey", junk.surrogateKey)
      strings("naturalKey", junk.flags)
      writeMembers(junk.members)
      json.endObject()
    } else if let mini = input.star.miniDimensions[node.id] {
      json.beginObject("dimension")
      strings("naturalKey", input.star.base(of: mini.node, input.manifest)?.split.columns ?? [])
      text("surrogateKey", mini.surrogateKey.name)
      text("keyMethod", mini.surrogateKey.method.rawValue)
      writeMembers(mini.members)
      json.endObject()
    } else if let fact = input.star.facts[node.id] {
      write(fact, of: node)
    }
    if let fact = input.star.facts[node.id] ?? input.star.bridges[node.id]?.fact { writeDiagram(fact) }
  }

  /// The star of a fact in each language that a diagram has.
  private mutating func writeDiagram(_ fact: Fact) {
    guard !input.star.lookups(of: fact, input.manifest).isEmpty else { return }
    json.beginObject("diagram")
    for form in StarDiagram.allCases {
      json.field(named: form.rawValue, form.render([fact], of: input.star, input.manifest))
    }
    json.endObject()
  }

  /// Versions of the members that were asked for.
  private mutating func write(_ histories: [DocsInput.MemberHistory]) {
    guard !histories.isEmpty else { return }
    json.beginArray("histories")
    for history in histories {
      json.beginObject()
      strings("key", history.key)
      strings("columns", history.columns)
      json.beginArray("versions")
      for version in history.versions {
        json.beginArray()
        for value in version { json.string(value) }
        json.endArray()
      }
      json.endArray()
      json.endObject()
    }
    json.endArray()
  }

  /// Tells the attributes of a dimension from its keys and from what is written beside them.
  func addedColumns(of dimension: Dimension) -> (String) -> Bool {
    let system = dimension.columns
    var added = Set(
      dimension.naturalKey + [dimension.surrogateKey.name, dimension.durableKey].compactMap(\.self) + [
        system.validFrom, system.validTo, system.isCurrent, system.isInferred, system.isDeleted,
        system.statedAt,
      ])
    for (edge, target) in input.star.outriggers(of: dimension, input.manifest) {
      added.insert(edge.foreignKey(target.surrogateKey.name))
    }
    let besides: [(prefix: String, rule: SCDType)] = [
      ("current_", .hybrid), ("previous_", .previousValue),
    ]
    return { name in
      added.contains(name)
        || besides.contains { beside in
          name.hasPrefix(beside.prefix)
            && dimension.type(of: String(name.dropFirst(beside.prefix.count))) == beside.rule
        }
    }
  }

  mutating func writeMembers(_ members: [DimensionMember]) {
    json.beginArray("members")
    for member in members {
      json.beginObject()
      json.field("key", member.key)
      text("label", member.label)
      json.endObject()
    }
    json.endArray()
  }

  mutating func write(_ fact: Fact, of node: Node) {
    json.beginObject("fact")
    text("kind", fact.kind.rawValue.replacing("_", with: " "))
    strings("grain", fact.grain)
    strings("degenerate", fact.degenerate)
    text("eventTime", fact.eventTime)
    if fact.eventTime != nil && fact.readsFrom == fact.eventTime { text("lookback", fact.lookback) }
    text("period", fact.periodic?.period.rawValue)
    if let gaps = fact.periodic?.gaps, gaps != .none { text("gaps", gaps.rawValue) }
    strings("milestones", fact.accumulating?.milestones.map(\.name) ?? [])
    strings("lags", fact.accumulating?.lags.map(\.name) ?? [])
    json.beginArray("dimensions")
    for edge in fact.edges {
      let target = input.star.target(edge, package: node.packageName, in: input.manifest)
      json.beginObject()
      text("name", edge.to.name)
      if let position = target.flatMap({ lineage.index[$0.node] }) {
        json.field("node", position)
      }
      text("role", edge.role)
      strings("key", edge.key ?? [])
      if target?.isVersioned == true { text("asOf", fact.asOf(edge)) }
      text("missing", edge.missing.rawValue.replacing("_", with: " "))
      text("foreignKey", target.map { edge.foreignKey($0.surrogateKey.name) })
      json.endObject()
    }
    json.endArray()
    json.beginArray("measures")
    for measure in fact.measures {
      json.beginObject()
      text("name", measure.name)
      text("additivity", measure.additivity.rawValue)
      strings("over", measure.over)
      text("unit", measure.unit)
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }

  mutating func writeMatrix() {
    let matrix = input.star.busMatrix(input.manifest)
    guard !matrix.rows.isEmpty else { return }
    json.beginObject("matrix")
    numbers("dimensions", matrix.columns.map { lineage.index[$0.dimension] ?? -1 })
    json.beginArray("facts")
    for row in matrix.rows {
      json.beginObject()
      json.field("node", lineage.index[row.fact] ?? -1)
      json.beginArray("cells")
      for cell in row.cells { json.strings(cell) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }
}
