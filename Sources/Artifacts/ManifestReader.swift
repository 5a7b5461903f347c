public import Diagnostics
import OrderedCollections
public import ProjectModel

/// Reads a `manifest.json` of dbt 1.0 or later (schema versions 4 to 12), or of whc, back into a ``Manifest``.
///
/// It is what `--state` and `docs` on an earlier run's artifacts work with. Spans, which the file does
/// not hold, stay empty; kinds that are kept as written come back as they stand.
public struct ManifestReader: Sendable {
  /// - Throws: `broken-json`, `foreign-artifact` when it is JSON of another kind, `incompatible-artifact` when its
  ///   schema version is none of these.
  public static func read(_ bytes: [UInt8], file: String) throws(DiagnosticsError) -> Manifest {
    guard let root = try JSONReader.read(bytes, file: file).mapping, let nodes = root["nodes"]?.mapping,
      let metadata = root["metadata"]?.mapping
    else { throw DiagnosticsError(.foreignArtifact(file, expected: "manifest.json")) }
    if let version = schemaVersion(metadata["dbt_schema_version"]?.string), !(4...12).contains(version) {
      throw DiagnosticsError(
        Diagnostic(
          "incompatible-artifact",
          "'\(file)' is a manifest of schema version \(version), versions 4 to 12 can be read",
          help: "make it anew with this whc or with a dbt from 1.0 to 1.11"))
    }
    var manifest = Manifest(
      projectName: metadata["project_name"]?.string ?? "",
      adapterType: metadata["adapter_type"]?.string ?? "")
    for entry in nodes.values.elements + (root["functions"]?.mapping?.values.elements ?? []) {
      if let node = node(entry) { manifest.nodes[node.id] = node }
    }
    for entry in root["sources"]?.mapping?.values.elements ?? [] {
      let source = source(Fields(entry))
      manifest.sources[source.id] = source
    }
    for entry in root["exposures"]?.mapping?.values.elements ?? [] {
      let exposure = exposure(Fields(entry))
      manifest.exposures[exposure.id] = exposure
    }
    for entry in root["macros"]?.mapping?.values.elements ?? [] {
      let macro = macro(Fields(entry))
      manifest.macros[macro.id] = macro
    }
    for entry in root["docs"]?.mapping?.values.elements ?? [] {
      let fields = Fields(entry)
      manifest.docs[fields.id] = DocBlock(
        id: fields.id, name: fields.text("name"), packageName: fields.text("package_name"),
        path: fields.text("path"), originalFilePath: fields.text("original_file_path"),
        contents: fields.text("block_contents"))
    }
    for entry in root["groups"]?.mapping?.values.elements ?? [] {
      let fields = Fields(entry)
      var group = Group(
        id: fields.id, name: fields.text("name"), packageName: fields.text("package_name"),
        path: fields.text("path"))
      group.originalFilePath = fields.text("original_file_path")
      group.owner = Owner(fields.mapping("owner"))
      group.description = fields.text("description")
      group.config = fields.mapping("config")
      manifest.groups[group.id] = group
    }
    for (id, entries) in root["disabled"]?.mapping ?? [:] {
      let items = entries.list ?? []
      let nodes = items.compactMap(node)
      if !nodes.isEmpty { manifest.disabled[NodeID(id)] = nodes }
      let sources = items.map { Fields($0) }.filter { $0.text("resource_type") == "source" }.map(source)
      if !sources.isEmpty { manifest.disabledSources[NodeID(id)] = sources }
    }
    for (key, type) in opaqueKinds {
      for (id, entry) in root[key]?.mapping ?? [:] { manifest.opaque[type, default: [:]][NodeID(id)] = entry }
    }
    return manifest
  }

  /// SQL of the nodes that were compiled when the manifest was written.
  public static func compiledCode(in bytes: [UInt8], file: String) throws(DiagnosticsError) -> [NodeID:
    String]
  {
    let nodes = try JSONReader.read(bytes, file: file).mapping?["nodes"]?.mapping ?? [:]
    return nodes.reduce(into: [:]) { codes, entry in
      codes[NodeID(entry.key)] =
        (entry.value.mapping?["compiled_code"] ?? entry.value.mapping?["compiled_sql"])?.string
    }
  }

  /// 12 of `https://schemas.getdbt.com/dbt/manifest/v12.json`; nil where none is said.
  private static func schemaVersion(_ address: String?) -> Int? {
    guard let file = address?.split(separator: "/").last, file.first == "v" else { return nil }
    return Int(file.dropFirst().prefix(while: \.isNumber))
  }

  private static let opaqueKinds: [(String, ResourceType)] = [
    ("metrics", .metric), ("semantic_models", .semanticModel), ("saved_queries", .savedQuery),
    ("unit_tests", .unitTest),
  ]

  private static func node(_ entry: PlainValue) -> Node? {
    let fields = Fields(entry)
    guard let type = ResourceType(rawValue: fields.text("resource_type")), type != .source else { return nil }
    var node = Node(
      id: fields.id, resourceType: type, name: fields.text("name"), packageName: fields.text("package_name"),
      path: fields.text("path"), originalFilePath: fields.text("original_file_path"),
      rootPath: fields.text("root_path"), fqn: fields.strings("fqn"),
      rawCode: fields["raw_code"]?.string ?? fields.text("raw_sql"),
      checksum: fields.mapping("checksum")["checksum"]?.string ?? "", alias: fields.text("alias"),
      config: NodeConfig(values: fields.mapping("config")))
    node.checksumName = fields.mapping("checksum")["name"]?.string ?? "none"
    node.language = fields["language"]?.string ?? "sql"
    node.relation = RelationName(
      database: fields["database"]?.string, schema: fields["schema"]?.string, identifier: node.alias,
      quoting: quoting(of: fields["relation_name"]?.string))
    node.unrenderedConfig = fields.mapping("unrendered_config")
    node.description = fields.text("description")
    node.tags = fields.strings("tags")
    node.docBlocks = fields.strings("doc_blocks").map { NodeID($0) }
    node.columns = columns(fields)
    node.docsShow = fields.mapping("docs")["show"]?.bool ?? true
    node.docsColor = fields.mapping("docs")["node_color"]?.string
    node.patchPath = fields["patch_path"]?.string
    node.refs = refs(fields)
    node.sources = sources(fields)
    node.dependsOn = (fields.mapping("depends_on")["nodes"]?.strings ?? []).map { NodeID($0) }
    node.macroDependsOn = (fields.mapping("depends_on")["macros"]?.strings ?? []).map { NodeID($0) }
    if let test = fields["test_metadata"]?.mapping {
      node.test = TestMetadata(
        name: test["name"]?.string ?? "", namespace: test["namespace"]?.string,
        arguments: test["kwargs"]?.mapping ?? [:], columnName: fields["column_name"]?.string,
        attachedNode: fields["attached_node"]?.string.map { NodeID($0) },
        fileKeyName: fields["file_key_name"]?.string)
    }
    node.version = fields.set("version")
    node.latestVersion = fields.set("latest_version")
    node.access = fields["access"]?.string
    node.group = fields["group"]?.string
    node.constraints = fields["constraints"]?.list ?? []
    node.contractChecksum = fields.mapping("contract")["checksum"]?.string
    node.deprecationDate = fields["deprecation_date"]?.string
    node.primaryKey = fields.strings("primary_key")
    node.timeSpine = fields.set("time_spine")
    if type == .function { node.signature = signature(fields) }
    return node
  }

  private static func signature(_ fields: Fields) -> FunctionSignature {
    let arguments = (fields["arguments"]?.list ?? []).map { Fields($0) }
    let returned = Fields(fields["returns"] ?? [:])
    return FunctionSignature(
      arguments: arguments.map {
        FunctionSignature.Argument(
          name: $0.text("name"), dataType: $0.text("data_type"), description: $0["description"]?.string,
          defaultValue: $0.set("default_value"))
      },
      returnType: returned.text("data_type"), returnDescription: returned["description"]?.string)
  }

  private static func source(_ fields: Fields) -> SourceDefinition {
    var source = SourceDefinition(
      id: fields.id, packageName: fields.text("package_name"), sourceName: fields.text("source_name"),
      name: fields.text("name"),
      relation: RelationName(
        database: fields["database"]?.string, schema: fields["schema"]?.string,
        identifier: fields.text("identifier"), quoting: quoting(of: fields["relation_name"]?.string)),
      fqn: fields.strings("fqn"), path: fields.text("original_file_path"), rootPath: "")
    source.sourceDescription = fields.text("source_description")
    source.description = fields.text("description")
    source.loader = fields.text("loader")
    source.config = NodeConfig(values: fields.mapping("config"))
    source.unrenderedConfig = fields.mapping("unrendered_config")
    source.columns = columns(fields)
    source.sourceMeta = fields.mapping("source_meta")
    source.loadedAtField = fields["loaded_at_field"]?.string
    source.loadedAtQuery = fields["loaded_at_query"]?.string
    source.freshness = fields.set("freshness")
    source.external = fields.set("external")
    source.tags = fields.strings("tags")
    source.statedQuoting = fields.mapping("quoting").filter { !$0.value.isNull }
    source.unrenderedDatabase = fields["unrendered_database"]?.string
    source.unrenderedSchema = fields["unrendered_schema"]?.string
    source.docBlocks = fields.strings("doc_blocks").map { NodeID($0) }
    return source
  }

  private static func exposure(_ fields: Fields) -> Exposure {
    var exposure = Exposure(
      id: fields.id, name: fields.text("name"), packageName: fields.text("package_name"),
      path: fields.text("path"), fqn: fields.strings("fqn"), type: fields.text("type"))
    exposure.originalFilePath = fields.text("original_file_path")
    exposure.owner = Owner(fields.mapping("owner"))
    exposure.label = fields["label"]?.string
    exposure.maturity = fields["maturity"]?.string
    exposure.url = fields["url"]?.string
    exposure.description = fields.text("description")
    exposure.config = NodeConfig(values: fields.mapping("config"))
    exposure.unrenderedConfig = fields.mapping("unrendered_config")
    exposure.tags = fields.strings("tags")
    exposure.meta = fields.mapping("meta")
    exposure.refs = refs(fields)
    exposure.sources = sources(fields)
    exposure.dependsOn = (fields.mapping("depends_on")["nodes"]?.strings ?? []).map { NodeID($0) }
    return exposure
  }

  private static func macro(_ fields: Fields) -> MacroDefinition {
    var macro = MacroDefinition(
      id: fields.id, name: fields.text("name"), packageName: fields.text("package_name"),
      path: fields.text("path"), originalFilePath: fields.text("original_file_path"),
      text: fields.text("macro_sql"))
    macro.description = fields.text("description")
    macro.arguments = fields["arguments"]?.list ?? []
    macro.meta = fields.mapping("meta")
    macro.dependsOn = (fields.mapping("depends_on")["macros"]?.strings ?? []).map { NodeID($0) }
    macro.supportedLanguages = fields["supported_languages"]?.strings
    macro.patchPath = fields["patch_path"]?.string
    return macro
  }

  private static func columns(_ fields: Fields) -> OrderedDictionary<String, ColumnProperties> {
    fields.mapping("columns").mapValues { value in
      let column = Fields(value)
      var properties = ColumnProperties(
        name: column.text("name"), description: column.text("description"),
        dataType: column["data_type"]?.string, quote: column["quote"]?.bool, tags: column.strings("tags"),
        meta: column.mapping("meta"), config: column.mapping("config"),
        constraints: column["constraints"]?.list ?? [], granularity: column["granularity"]?.string)
      properties.docBlocks = column.strings("doc_blocks").map { NodeID($0) }
      return properties
    }
  }

  private static func refs(_ fields: Fields) -> [RefCall] {
    (fields["refs"]?.list ?? []).map { value in
      // Up to schema version 8: the name, or package and name.
      if let names = value.strings {
        return RefCall(
          package: names.count > 1 ? names.first : nil, name: names.last ?? "", version: nil)
      }
      let ref = Fields(value)
      let version: String? =
        switch ref["version"] {
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        default: nil
        }
      var call = RefCall(package: ref["package"]?.string, name: ref.text("name"), version: version)
      call.isVersionText = ref["version"]?.string != nil
      return call
    }
  }

  private static func sources(_ fields: Fields) -> [SourceCall] {
    (fields["sources"]?.list ?? []).compactMap(\.strings).compactMap { names in
      names.count == 2 ? SourceCall(source: names[0], table: names[1]) : nil
    }
  }

  /// Which parts stood in quotes in the name that was written.
  private static func quoting(of written: String?) -> RelationName.Quoting {
    guard let written else { return RelationName.Quoting() }
    let parts = written.split(separator: ".").map { $0.hasPrefix("\"") }
    guard parts.count == 3 else { return RelationName.Quoting() }
    return RelationName.Quoting(database: parts[0], schema: parts[1], identifier: parts[2])
  }
}

/// An object's keys with the empty value for what is not there.
private struct Fields {
  private let entries: OrderedDictionary<String, PlainValue>

  init(_ value: PlainValue) { entries = value.mapping ?? [:] }

  subscript(key: String) -> PlainValue? { entries[key] }
  /// nil also for null.
  func set(_ key: String) -> PlainValue? { entries[key].flatMap { $0.isNull ? .none : .some($0) } }
  func text(_ key: String) -> String { entries[key]?.string ?? "" }
  func strings(_ key: String) -> [String] { entries[key]?.strings ?? [] }
  func mapping(_ key: String) -> OrderedDictionary<String, PlainValue> { entries[key]?.mapping ?? [:] }
  var id: NodeID { NodeID(text("unique_id")) }
}
