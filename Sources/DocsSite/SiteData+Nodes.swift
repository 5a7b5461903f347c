import Artifacts
import OrderedCollections
import ProjectModel

/// What the page shows of a node, and where it stands in the picture.
extension SiteData {
  mutating func write(_ member: Lineage.Member) {
    json.beginObject()
    text("id", member.id.rawValue)
    text("name", member.name)
    text("type", member.resourceType.rawValue)
    text("kind", member.kind.rawValue)
    if !member.parents.isEmpty { numbers("parents", member.parents) }
    if let node = input.manifest.nodes[member.id] {
      write(node)
    } else if let source = input.manifest.sources[member.id] {
      write(source)
    } else if let exposure = input.manifest.exposures[member.id] {
      write(exposure)
    } else {
      writeOpaque(member)
    }
    if let tests = testsOf[member.id] { numbers("tests", tests) }
    writeResult(member.id)
    json.endObject()
  }

  mutating func write(_ node: Node) {
    text("package", node.packageName)
    text("path", node.originalFilePath)
    text("description", node.description)
    strings("tags", node.tags)
    if node.resourceType == .model { text("materialized", node.config.materialized) }
    text("relation", node.writtenRelationName)
    text("group", node.config["group"]?.string)
    if node.access != "protected" { text("access", node.access) }
    if !node.docsShow {
      json.field("hidden", true)
    }
    let types = input.star.dimensions[node.id].map { dimension in
      let added = addedColumns(of: dimension)
      return { (column: String) -> String? in
        added(column) ? nil : "\(dimension.type(of: column).rawValue)"
      }
    }
    writeColumns(node.columns, of: node.id, slowlyChanging: types)
    writeUses(node.id)
    stored("raw", node.rawCode)
    stored("compiled", input.compiled[node.id] ?? input.results[node.id]?.compiledCode)
    writeConfig(node.config)
    mapping("meta", node.meta)
    writeStar(node)
  }

  mutating func write(_ source: SourceDefinition) {
    text("package", source.packageName)
    text("path", source.path)
    text("description", source.description)
    text("sourceDescription", source.sourceDescription)
    text("loader", source.loader)
    strings("tags", source.tags)
    text("relation", source.relation.written)
    writeColumns(source.columns, of: source.id, slowlyChanging: nil)
    writeConfig(source.config)
    mapping("meta", source.config["meta"]?.mapping ?? [:])
    write(input.freshness[source.id])
  }

  /// What the last `source freshness` found.
  mutating func write(_ freshness: DocsInput.Freshness?) {
    guard let freshness else { return }
    json.beginObject("freshness")
    text("status", freshness.status)
    if let loadedAt = freshness.loadedAt { json.field("loaded", loadedAt) }
    if let measuredAt = freshness.measuredAt { json.field("measured", measuredAt) }
    if let age = freshness.age { json.field("age", age) }
    text("warnAfter", freshness.warnAfter)
    text("errorAfter", freshness.errorAfter)
    text("message", freshness.message)
    json.endObject()
  }

  mutating func write(_ exposure: Exposure) {
    text("package", exposure.packageName)
    text("path", exposure.originalFilePath.isEmpty ? exposure.path : exposure.originalFilePath)
    text("description", exposure.description)
    strings("tags", exposure.tags)
    text("exposureType", exposure.type)
    text("maturity", exposure.maturity)
    text("url", exposure.url)
    text("owner", exposure.owner.name ?? exposure.owner.email)
    text("ownerEmail", exposure.owner.email)
    mapping("meta", exposure.meta)
  }

  mutating func writeOpaque(_ member: Lineage.Member) {
    guard let entry = input.manifest.opaque[member.resourceType]?[member.id]?.mapping else { return }
    text("package", entry["package_name"]?.string)
    text("path", entry["original_file_path"]?.string)
    text("description", entry["description"]?.string)
    strings("tags", entry["tags"]?.strings ?? [])
  }

  /// Documented columns and the database's in one list: the database's order where it is known. Where it is not, the
  /// columns of the SQL stand in for the database's.
  mutating func writeColumns(
    _ documented: OrderedDictionary<String, ColumnProperties>, of id: NodeID,
    slowlyChanging: ((String) -> String?)?
  ) {
    let table = input.catalog[id]
    let known = known(id)
    var names: OrderedDictionary<String, (ColumnProperties?, CatalogArtifact.Column?)> = [:]
    for column in table?.columns ?? [] {
      let properties =
        documented[column.name]
        ?? documented.values.first { $0.quote != true && $0.name.lowercased() == column.name.lowercased() }
      names[column.name] = (properties, column)
    }
    if table == nil {
      for name in known.names {
        let properties =
          documented[name] ?? documented.values.first { $0.quote != true && $0.name.lowercased() == name }
        names[properties?.name ?? name] = (properties, nil)
      }
    }
    let matched = Set(names.values.compactMap { $0.0?.name })
    for column in documented.values where !matched.contains(column.name) {
      names[column.name] = (column, nil)
    }
    guard !names.isEmpty else { return }
    let tests = (testsOf[id] ?? []).filter { self.tests[$0].test?.columnName != nil }
    json.beginArray("columns")
    for (name, (properties, found)) in names {
      json.beginObject()
      text("name", name)
      // Names in quotes keep their case; others are folded.
      let folded = known.names.contains(name) ? name : name.lowercased()
      let read = known.column(folded)
      text("type", found?.type ?? properties?.dataType ?? read?.type)
      if read?.isNullable == false { json.field("notNull", true) }
      text("description", properties?.description ?? found?.comment)
      strings("tags", properties?.tags ?? [])
      mapping("meta", properties?.meta ?? [:])
      if table != nil, found == nil {
        json.field("missing", true)
      }
      text("scd", slowlyChanging?(name))
      let own = tests.filter {
        self.tests[$0].test?.columnName?.lowercased() == name.lowercased()
      }
      if !own.isEmpty { numbers("tests", own) }
      writeOrigins(known.table?.origins[folded])
      json.endObject()
    }
    json.endArray()
  }

  /// Only what says something: neither empty nor off.
  mutating func writeConfig(_ config: NodeConfig) {
    let silent: Set<String> = ["enabled", "tags", "meta", "docs", "materialized", "group", "access"]
    // What a star declares has a place of its own on the page.
    let isStar = [
      "dimension", "date_dimension", "time_dimension", "audit_dimension", "junk_dimension", "mini_dimension",
      "bridge", "fact",
    ].contains(config.materialized)
    let spoken = config.values.filter { key, value in
      !silent.contains(key) && !(isStar && ConfigNoise.starKeys.contains(key)) && !value.isSilent
        && value != ConfigNoise.values[key]
    }
    mapping("config", spoken)
  }

  mutating func writeLayout() {
    let edges = lineage.edges
    let layout = LayeredLayout(count: lineage.members.count, edges: edges)
    json.beginObject("layout")
    json.beginArray("points")
    for point in layout.nodes { write(point) }
    json.endArray()
    json.beginArray("edges")
    for (edge, route) in zip(edges, layout.routes) {
      json.beginArray()
      json.int(edge.from)
      json.int(edge.to)
      for point in route { write(point) }
      json.endArray()
    }
    json.endArray()
    json.endObject()
  }

  /// Whole units are fine enough.
  mutating func write(_ point: LayeredLayout.Point) {
    json.beginArray()
    json.int(Int(point.x.rounded()))
    json.int(Int(point.y.rounded()))
    json.endArray()
  }
}

/// Values that dbt fills in by itself.
private enum ConfigNoise {
  static let starKeys: Set<String> = [
    "outriggers", "mini_dimensions", "natural_key", "scd_type", "effective_at", "input", "deletes",
    "late_arriving", "first_version_from",
    "surrogate_key", "members", "fact_type", "grain", "dimensions", "degenerate", "measures", "event_time",
    "lookback",
  ]

  static let values: [String: PlainValue] = [
    "lookback": 1, "on_schema_change": "ignore", "on_configuration_change": "apply", "delimiter": ",",
    "contract": ["enforced": false, "alias_types": true], "fail_calc": "count(*)", "warn_if": "!= 0",
    "error_if": "!= 0", "freshness": SourceFreshnessNoise.value,
  ]
}

private enum SourceFreshnessNoise {
  static let value: PlainValue = [
    "warn_after": ["count": nil, "period": nil], "error_after": ["count": nil, "period": nil],
    "filter": nil,
  ]
}

extension PlainValue {
  /// Whether it says nothing.
  var isSilent: Bool {
    switch self {
    case .null, .bool(false), .string(""): true
    case .list(let items): items.isEmpty
    case .mapping(let entries): entries.isEmpty
    default: false
    }
  }
}
