import Artifacts
import OrderedCollections
import ProjectModel
import StarModel

/// The site's data as one JSON object: what the page's script reads.
///
/// Nodes refer to each other by position. Keys that have nothing to say are left out.
struct SiteData {
  private let input: DocsInput
  private let lineage: Lineage
  private var json: JSONWriter
  /// Tests by the node that they look at.
  private var testsOf: [NodeID: [Int]] = [:]
  private let tests: [Node]

  init(_ input: DocsInput) {
    self.input = input
    lineage = Lineage(input.manifest)
    json = JSONWriter(reserving: 4_096 * (input.manifest.nodes.count + 16))
    tests = input.manifest.nodes.values.filter { $0.resourceType == .test }
    for (position, test) in tests.enumerated() {
      for node in SiteData.tested(test) { testsOf[node, default: []].append(position) }
    }
  }

  /// JSON that can stand inside a `script` element: no `<` in it.
  static func bytes(_ input: DocsInput) -> [UInt8] {
    var data = SiteData(input)
    data.write()
    var result: [UInt8] = []
    result.reserveCapacity(data.json.bytes.count + 1_024)
    for byte in data.json.bytes {
      if byte == UInt8(ascii: "<") { result += Array("\\u003c".utf8) } else { result.append(byte) }
    }
    return result
  }

  private static func tested(_ test: Node) -> [NodeID] {
    if let node = test.test?.attachedNode { return [node] }
    // A generic test of a source is attached to nothing; its last reference is what it looks at.
    return test.test == nil ? test.dependsOn : Array(test.dependsOn.suffix(1))
  }

  private mutating func write() {
    json.beginObject()
    writeProject()
    json.key("nodes")
    json.beginArray()
    for member in lineage.members { write(member) }
    json.endArray()
    writeLayout()
    json.key("tests")
    json.beginArray()
    for test in tests { write(test: test) }
    json.endArray()
    writeMatrix()
    writeMacros()
    json.endObject()
  }

  private mutating func writeProject() {
    let manifest = input.manifest
    json.key("project")
    json.beginObject()
    text("name", manifest.projectName)
    text("adapter", manifest.adapterType)
    text("version", input.version)
    json.key("generated")
    json.double(input.generatedAt)
    // A package's overview is not the project's.
    let overview = manifest.docs.values.first {
      $0.name == "__overview__" && $0.packageName == manifest.projectName
    }
    text("overview", overview?.contents)
    if let run = input.lastRun {
      json.key("run")
      json.beginObject()
      text("command", run.command)
      json.key("started")
      json.double(run.startedAt)
      json.key("elapsed")
      json.double(run.elapsed)
      json.endObject()
    }
    json.endObject()
  }

  // MARK: - Nodes

  private mutating func write(_ member: Lineage.Member) {
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

  private mutating func write(_ node: Node) {
    text("package", node.packageName)
    text("path", node.originalFilePath)
    text("description", node.description)
    strings("fqn", node.fqn)
    strings("tags", node.tags)
    if node.resourceType == .model { text("materialized", node.config.materialized) }
    text("relation", node.writtenRelationName)
    text("group", node.config["group"]?.string)
    text("access", node.access)
    if !node.docsShow {
      json.key("hidden")
      json.bool(true)
    }
    let types = input.star.dimensions[node.id].map { dimension in
      { (column: String) in "\(dimension.type(of: column).rawValue)" }
    }
    writeColumns(node.columns, of: node.id, slowlyChanging: types)
    text("raw", node.rawCode)
    text("compiled", input.compiled[node.id])
    writeConfig(node.config)
    mapping("meta", node.meta)
    writeStar(node)
  }

  private mutating func write(_ source: SourceDefinition) {
    text("package", source.packageName)
    text("path", source.path)
    text("description", source.description)
    text("sourceDescription", source.sourceDescription)
    text("loader", source.loader)
    strings("fqn", source.fqn)
    strings("tags", source.tags)
    text("relation", source.relation.written)
    writeColumns(source.columns, of: source.id, slowlyChanging: nil)
    writeConfig(source.config)
    mapping("meta", source.config["meta"]?.mapping ?? [:])
  }

  private mutating func write(_ exposure: Exposure) {
    text("package", exposure.packageName)
    text("path", exposure.originalFilePath.isEmpty ? exposure.path : exposure.originalFilePath)
    text("description", exposure.description)
    strings("fqn", exposure.fqn)
    strings("tags", exposure.tags)
    text("exposureType", exposure.type)
    text("maturity", exposure.maturity)
    text("url", exposure.url)
    text("owner", exposure.ownerName ?? exposure.ownerEmail)
    text("ownerEmail", exposure.ownerEmail)
    mapping("meta", exposure.meta)
  }

  private mutating func writeOpaque(_ member: Lineage.Member) {
    guard let entry = input.manifest.opaque[member.resourceType]?[member.id]?.mapping else { return }
    text("package", entry["package_name"]?.string)
    text("path", entry["original_file_path"]?.string)
    text("description", entry["description"]?.string)
    strings("fqn", entry["fqn"]?.strings ?? [])
    strings("tags", entry["tags"]?.strings ?? [])
  }

  /// Documented columns and the database's in one list: the database's order where it is known.
  private mutating func writeColumns(
    _ documented: OrderedDictionary<String, ColumnProperties>, of id: NodeID,
    slowlyChanging: ((String) -> String)?
  ) {
    let table = input.catalog[id]
    var names: OrderedDictionary<String, (ColumnProperties?, CatalogArtifact.Column?)> = [:]
    for column in table?.columns ?? [] {
      let properties =
        documented[column.name]
        ?? documented.values.first { $0.quote != true && $0.name.lowercased() == column.name.lowercased() }
      names[column.name] = (properties, column)
    }
    let matched = Set(names.values.compactMap { $0.0?.name })
    for column in documented.values where !matched.contains(column.name) {
      names[column.name] = (column, nil)
    }
    guard !names.isEmpty else { return }
    let tests = (testsOf[id] ?? []).filter { self.tests[$0].test?.columnName != nil }
    json.key("columns")
    json.beginArray()
    for (name, (properties, found)) in names {
      json.beginObject()
      text("name", name)
      text("type", found?.type ?? properties?.dataType)
      text("description", properties?.description ?? found?.comment)
      strings("tags", properties?.tags ?? [])
      mapping("meta", properties?.meta ?? [:])
      if table != nil, found == nil {
        json.key("missing")
        json.bool(true)
      }
      if properties != nil { text("scd", slowlyChanging?(name)) }
      let own = tests.filter {
        self.tests[$0].test?.columnName?.lowercased() == name.lowercased()
      }
      if !own.isEmpty { numbers("tests", own) }
      json.endObject()
    }
    json.endArray()
  }

  /// Only what says something: neither empty nor off.
  private mutating func writeConfig(_ config: NodeConfig) {
    let silent: Set<String> = ["enabled", "tags", "meta", "docs", "materialized", "group", "access"]
    // What a star declares has a place of its own on the page.
    let isStar = ["dimension", "date_dimension", "fact"].contains(config.materialized)
    let spoken = config.values.filter { key, value in
      !silent.contains(key) && !(isStar && ConfigNoise.starKeys.contains(key)) && !value.isSilent
        && value != ConfigNoise.values[key]
    }
    mapping("config", spoken)
  }

  private mutating func writeResult(_ id: NodeID) {
    guard let result = input.results[id] else { return }
    json.key("result")
    json.beginObject()
    text("status", result.status.rawValue)
    text("message", result.message)
    json.key("time")
    json.double(result.executionTime)
    if let rows = result.rowsAffected, rows >= 0 {
      json.key("rows")
      json.int(rows)
    }
    if let failures = result.failures {
      json.key("failures")
      json.int(failures)
    }
    text("skippedBecauseOf", result.skippedBecauseOf?.rawValue)
    json.endObject()
  }

  private mutating func writeLayout() {
    let edges = lineage.edges
    let layout = LayeredLayout(count: lineage.members.count, edges: edges)
    json.key("layout")
    json.beginObject()
    json.key("points")
    json.beginArray()
    for point in layout.nodes { write(point) }
    json.endArray()
    json.key("edges")
    json.beginArray()
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
  private mutating func write(_ point: LayeredLayout.Point) {
    json.beginArray()
    json.int(Int(point.x.rounded()))
    json.int(Int(point.y.rounded()))
    json.endArray()
  }

  // MARK: - Tests

  private mutating func write(test: Node) {
    json.beginObject()
    text("id", test.id.rawValue)
    text("name", test.name)
    text("label", test.test.map(SiteData.label) ?? test.name)
    text("column", test.test?.columnName)
    text("path", test.originalFilePath)
    text("description", test.description)
    strings("tags", test.tags)
    text("severity", test.config["severity"]?.string?.lowercased())
    text("where", test.config["where"]?.string)
    numbers("nodes", SiteData.tested(test).compactMap { lineage.index[$0] })
    let others = test.dependsOn.compactMap { lineage.index[$0] }
    if !others.isEmpty { numbers("parents", others) }
    text("raw", test.test == nil ? test.rawCode : nil)
    text("compiled", input.compiled[test.id] ?? input.results[test.id]?.compiledCode)
    writeResult(test.id)
    json.endObject()
  }

  /// `accepted_values: placed, shipped`; `relationships: to dim_customer, field customer_id`.
  private static func label(_ test: TestMetadata) -> String {
    let name = test.namespace.map { "\($0).\(test.name)" } ?? test.name
    let arguments = test.arguments.filter { $0.key != "model" && $0.key != "column_name" }
    guard !arguments.isEmpty else { return name }
    func words(_ value: PlainValue) -> String {
      switch value {
      case .null: return "null"
      case .bool(let flag): return flag ? "true" : "false"
      case .int(let number): return String(number)
      case .double(let number): return String(number)
      case .string(let text): return bareReference(text)
      case .list(let items): return items.map(words).joined(separator: ", ")
      case .mapping(let entries):
        return entries.map { "\($0.key): \(words($0.value))" }.joined(separator: ", ")
      }
    }
    if arguments.count == 1, let only = arguments.values.first { return "\(name): \(words(only))" }
    return name + ": " + arguments.map { "\($0.key) \(words($0.value))" }.joined(separator: ", ")
  }

  /// `dim_customer` of `ref('dim_customer')`.
  private static func bareReference(_ text: String) -> String {
    guard text.hasPrefix("ref("), text.hasSuffix(")") else { return text }
    let inside = text.dropFirst(4).dropLast().filter { $0 != "'" && $0 != "\"" }
    return inside.split(separator: ",").last.map { String($0.drop { $0 == " " }) } ?? text
  }

  private mutating func writeMacros() {
    let own = input.manifest.macros.values.filter { $0.packageName == input.manifest.projectName }
    json.key("macros")
    json.beginArray()
    for macro in own {
      json.beginObject()
      text("id", macro.id.rawValue)
      text("name", macro.name)
      text("path", macro.originalFilePath)
      text("description", macro.description)
      text("raw", macro.text)
      json.endObject()
    }
    json.endArray()
  }

  // MARK: - Stars

  private mutating func writeStar(_ node: Node) {
    if let dimension = input.star.dimensions[node.id] {
      json.key("dimension")
      json.beginObject()
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
      }
      writeMembers(dimension.members)
      json.endObject()
    } else if let dates = input.star.dateDimensions[node.id] {
      json.key("dimension")
      json.beginObject()
      text("surrogateKey", dates.surrogateKey)
      strings("naturalKey", [DateDimension.dateColumn])
      text("calendar", "date")
      writeMembers(dates.members)
      json.endObject()
    } else if let fact = input.star.facts[node.id] {
      write(fact, of: node)
    }
  }

  private mutating func writeMembers(_ members: [DimensionMember]) {
    json.key("members")
    json.beginArray()
    for member in members {
      json.beginObject()
      json.key("key")
      json.int(member.key)
      text("label", member.label)
      json.endObject()
    }
    json.endArray()
  }

  private mutating func write(_ fact: Fact, of node: Node) {
    json.key("fact")
    json.beginObject()
    text("kind", fact.kind.rawValue.replacing("_", with: " "))
    strings("grain", fact.grain)
    strings("degenerate", fact.degenerate)
    text("eventTime", fact.eventTime)
    if fact.eventTime != nil { text("lookback", fact.lookback) }
    json.key("dimensions")
    json.beginArray()
    for edge in fact.edges {
      let target = input.star.target(edge, package: node.packageName, in: input.manifest)
      json.beginObject()
      text("name", edge.to.name)
      if let position = target.flatMap({ lineage.index[$0.node] }) {
        json.key("node")
        json.int(position)
      }
      text("role", edge.role)
      strings("key", edge.key ?? [])
      if target?.isVersioned == true { text("asOf", fact.asOf(edge)) }
      text("missing", edge.missing.rawValue.replacing("_", with: " "))
      text("foreignKey", target.map { edge.foreignKey($0.surrogateKey.name) })
      json.endObject()
    }
    json.endArray()
    json.key("measures")
    json.beginArray()
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

  private mutating func writeMatrix() {
    let matrix = input.star.busMatrix(input.manifest)
    guard !matrix.rows.isEmpty else { return }
    json.key("matrix")
    json.beginObject()
    numbers("dimensions", matrix.columns.map { lineage.index[$0.dimension] ?? -1 })
    json.key("facts")
    json.beginArray()
    for row in matrix.rows {
      json.beginObject()
      json.key("node")
      json.int(lineage.index[row.fact] ?? -1)
      json.key("cells")
      json.beginArray()
      for cell in row.cells { json.strings(cell) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }

  // MARK: - Pieces

  private mutating func text(_ key: StaticString, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    json.key(key)
    json.string(value)
  }

  private mutating func strings(_ key: StaticString, _ values: [String]) {
    guard !values.isEmpty else { return }
    json.key(key)
    json.strings(values)
  }

  private mutating func numbers(_ key: StaticString, _ values: [Int]) {
    json.key(key)
    json.beginArray()
    for value in values { json.int(value) }
    json.endArray()
  }

  private mutating func mapping(_ key: StaticString, _ values: OrderedDictionary<String, PlainValue>) {
    guard !values.isEmpty else { return }
    json.key(key)
    json.mapping(values)
  }
}

/// Values that dbt fills in by itself.
private enum ConfigNoise {
  static let starKeys: Set<String> = [
    "natural_key", "scd_type", "effective_at", "input", "deletes", "late_arriving", "first_version_from",
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
  fileprivate var isSilent: Bool {
    switch self {
    case .null, .bool(false), .string(""): true
    case .list(let items): items.isEmpty
    case .mapping(let entries): entries.isEmpty
    default: false
    }
  }
}
