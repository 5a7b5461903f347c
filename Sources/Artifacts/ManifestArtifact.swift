public import OrderedCollections
public import ProjectModel

/// `manifest.json`, version 12, written as dbt 1.11 writes it: the same keys in the same order, so that
/// strict readers take it.
public struct ManifestArtifact: Sendable {
  public var manifest: Manifest
  public var metadata: ArtifactMetadata
  /// SQL of the nodes that this invocation has compiled.
  public var compiled: [NodeID: CompiledNode] = [:]
  /// Nodes that ran, so that `target/run` holds what was sent for them.
  public var hasRun: Set<NodeID> = []
  /// The project's own `quoting`.
  public var quoting = RelationName.Quoting()
  /// `selectors.yml` as dbt keeps it.
  public var selectors: OrderedDictionary<String, PlainValue> = [:]
  public var layout = TargetLayout()
  /// When the nodes were parsed, their `created_at`: seconds since 1970.
  public var parsedAt: Double

  public init(_ manifest: Manifest, metadata: ArtifactMetadata) {
    self.manifest = manifest
    self.metadata = metadata
    parsedAt = metadata.invocationStartedAt
  }

  /// The whole artifact in memory; a large one is better written into its file.
  public func write() -> [UInt8] {
    var json = JSONWriter()
    write(to: &json)
    return json.bytes
  }

  public func write(to json: inout JSONWriter) {
    writeHead(to: &json)
    let functions = manifest.nodes.filter { $0.value.resourceType == .function }
    if functions.isEmpty {
      write("nodes", manifest.nodes, to: &json) { write($0, to: &$1) }
    } else {
      write("nodes", manifest.nodes.filter { $0.value.resourceType != .function }, to: &json) {
        write($0, to: &$1)
      }
    }
    write("sources", manifest.sources, to: &json) { write($0, to: &$1) }
    write("macros", manifest.macros, to: &json) { write($0, to: &$1) }
    write("docs", manifest.docs, to: &json) { write($0, to: &$1) }
    write("exposures", manifest.exposures, to: &json) { write($0, to: &$1) }
    writeOpaque("metrics", .metric, to: &json)
    write("groups", manifest.groups, to: &json) { write($0, to: &$1) }
    json.field("selectors", selectors)
    writeDisabled(&json)
    writeMaps(&json)
    writeOpaque("saved_queries", .savedQuery, to: &json)
    writeOpaque("semantic_models", .semanticModel, to: &json)
    writeOpaque("unit_tests", .unitTest, to: &json)
    write("functions", functions, to: &json) { write($0, to: &$1) }
    json.endObject()
  }

  /// The beginning up to the end of the metadata: all that the invocation itself adds to what was parsed.
  func writeHead(to json: inout JSONWriter) {
    json.beginObject()
    metadata.write(.manifest, to: &json) { json in
      json.field("project_name", manifest.projectName)
      json.field("project_id", MD5.hexadecimal(manifest.projectName))
      json.field("user_id", .null)
      json.field("send_anonymous_usage_stats", false)
      json.field("adapter_type", manifest.adapterType)
      json.beginObject("quoting")
      json.field("database", quoting.database)
      json.field("schema", quoting.schema)
      json.field("identifier", quoting.identifier)
      json.field("column", .null)
      json.endObject()
      json.field("run_started_at", Timestamp.text(metadata.invocationStartedAt) + "+00:00")
    }
  }

  private func write<Entry>(
    _ key: StaticString, _ entries: OrderedDictionary<NodeID, Entry>, to json: inout JSONWriter,
    _ write: (Entry, inout JSONWriter) -> Void
  ) {
    json.beginObject(key)
    for (id, entry) in entries {
      json.key(named: id.rawValue)
      write(entry, &json)
    }
    json.endObject()
  }

  /// Kinds that the compiler keeps as dbt's parser leaves them.
  private func writeOpaque(_ key: StaticString, _ type: ResourceType, to json: inout JSONWriter) {
    write(key, manifest.opaque[type] ?? [:], to: &json) { $1.value($0) }
  }

  private func writeDisabled(_ json: inout JSONWriter) {
    json.beginObject("disabled")
    for (id, nodes) in manifest.disabled {
      json.key(named: id.rawValue)
      json.beginArray()
      for node in nodes { write(node, to: &json) }
      json.endArray()
    }
    for (id, sources) in manifest.disabledSources {
      json.key(named: id.rawValue)
      json.beginArray()
      for source in sources { write(source, to: &json) }
      json.endArray()
    }
    for (id, exposures) in manifest.disabledExposures {
      json.key(named: id.rawValue)
      json.beginArray()
      for exposure in exposures { write(exposure, to: &json) }
      json.endArray()
    }
    for (id, entries) in manifest.disabledOthers {
      json.key(named: id.rawValue)
      json.beginArray()
      for entry in entries { json.value(entry) }
      json.endArray()
    }
    json.endObject()
  }

  /// Who depends on whom, both ways, and which group has which members.
  private func writeMaps(_ json: inout JSONWriter) {
    var ids: [NodeID] = []
    var parents: [[NodeID]] = []
    func add(_ id: NodeID, _ above: [NodeID]) {
      ids.append(id)
      parents.append(above.count > 1 ? above.sorted() : above)
    }
    for node in manifest.nodes.values { add(node.id, node.resourceType == .seed ? [] : node.dependsOn) }
    for id in manifest.sources.keys { add(id, []) }
    for exposure in manifest.exposures.values { add(exposure.id, exposure.dependsOn) }
    for type in [.function, .metric, .semanticModel, .savedQuery, .unitTest] as [ResourceType] {
      for (id, entry) in manifest.opaque[type] ?? [:] {
        let nodes = entry.mapping?["depends_on"]?.mapping?["nodes"]?.strings ?? []
        add(id, nodes.map { NodeID($0) })
      }
    }
    var positions: [NodeID: Int] = [:]
    positions.reserveCapacity(ids.count)
    for (position, id) in ids.enumerated() { positions[id] = position }
    var children = [[NodeID]](repeating: [], count: ids.count)
    for (child, above) in parents.enumerated() {
      for parent in above {
        if let position = positions[parent] { children[position].append(ids[child]) }
      }
    }
    func write(_ key: StaticString, _ map: [[NodeID]]) {
      json.beginObject(key)
      for index in ids.indices {
        json.key(named: ids[index].rawValue)
        json.strings(map[index].lazy.map(\.rawValue))
      }
      json.endObject()
    }
    write("parent_map", parents)
    for index in children.indices where children[index].count > 1 { children[index].sort() }
    write("child_map", children)
    json.beginObject("group_map")
    for group in manifest.groups.values {
      json.key(named: group.name)
      let others: [NodeID] = [.semanticModel, .savedQuery, .metric].flatMap { (type: ResourceType) in
        (manifest.opaque[type] ?? [:]).filter { $0.value.mapping?["group"]?.string == group.name }.keys
      }
      json.strings(
        manifest.nodes.values.filter { $0.groupName == group.name }.map(\.id.rawValue)
          + others.map(\.rawValue))
    }
    json.endObject()
  }
}

extension Node {
  var groupName: String? { self.group ?? self.config["group"]?.string }
}
