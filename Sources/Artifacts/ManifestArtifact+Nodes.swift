import OrderedCollections
public import ProjectModel

/// Models, seeds, snapshots, tests, analyses and operations.
extension ManifestArtifact {
  func write(_ node: Node, to json: inout JSONWriter) {
    json.beginObject()
    writeHead(node, to: &json)
    if node.resourceType == .seed {
      json.field("root_path", node.rootPath)
      json.beginObject("depends_on")
      json.field("macros", node.macroDependsOn)
      json.endObject()
    } else {
      writeCode(node, to: &json)
      switch node.resourceType {
      case .model: writeModel(node, to: &json)
      case .function: if let signature = node.signature { write(signature, to: &json) }
      case .test: if let test = node.test { writeTest(test, to: &json) }
      case .operation:
        json.field("index", node.hookIndex.map { .int($0) } ?? .null)
      default: break
      }
    }
    json.endObject()
  }

  /// What every kind has.
  private func writeHead(_ node: Node, to json: inout JSONWriter) {
    json.field("database", node.relation?.database)
    json.field("schema", node.relation?.schema ?? "")
    json.head(
      name: node.name, node.resourceType.rawValue, package: node.packageName, path: node.path,
      file: node.originalFilePath, id: node.id)
    json.field("fqn", node.fqn)
    json.field("alias", node.alias)
    json.beginObject("checksum")
    json.field("name", node.checksumName)
    json.field("checksum", node.checksum)
    json.endObject()
    ConfigShape.of(node.resourceType).write("config", node.config.values, to: &json)
    json.field("tags", node.tags)
    json.field("description", node.description)
    writeColumns(node.columns, to: &json)
    json.field("meta", node.meta)
    json.field("group", node.groupName)
    writeDocs(isShown: node.docsShow, color: node.docsColor, to: &json)
    json.field("patch_path", node.patchPath)
    json.field("build_path", hasRun.contains(node.id) ? layout.runPath(of: node) : nil)
    json.field("unrendered_config", node.unrenderedConfig)
    json.field("created_at", parsedAt)
    json.field("relation_name", node.writtenRelationName)
    json.field("raw_code", node.rawCode)
    json.field("doc_blocks", node.docBlocks)
  }

  private func writeCode(_ node: Node, to json: inout JSONWriter) {
    json.field("language", node.language)
    writeReferences(node.refs, node.sources, node.metrics, to: &json)
    json.field("functions", .list(node.functions.map { .list($0.map { .string($0) }) }))
    writeDependsOn(macros: node.macroDependsOn, nodes: node.dependsOn, to: &json)
    if let compiled = compiled[node.id] {
      json.field("compiled_path", layout.compiledPath(of: node))
      json.field("compiled", true)
      json.field("compiled_code", compiled.sql)
      json.field("extra_ctes_injected", compiled.hasInjected)
      json.beginArray("extra_ctes")
      for parent in compiled.injected {
        json.beginObject()
        json.field("id", parent.id.rawValue)
        json.field("sql", " \(parent.name) as (\n\(parent.query)\n)")
        json.endObject()
      }
      json.endArray()
    } else {
      json.field("compiled_path", .null)
    }
    let contract = node.config["contract"]?.mapping
    json.beginObject("contract")
    json.field("enforced", contract?["enforced"]?.bool ?? false)
    json.field("alias_types", contract?["alias_types"]?.bool ?? true)
    json.field("checksum", node.contractChecksum)
    json.endObject()
  }

  private func write(_ signature: FunctionSignature, to json: inout JSONWriter) {
    json.field("arguments", signature.argumentValues)
    json.field("returns", signature.returnValue)
  }

  private func writeModel(_ node: Node, to json: inout JSONWriter) {
    json.field("access", node.access ?? node.config["access"]?.string ?? "protected")
    json.field("constraints", .list(node.constraints.map(Self.constraint)))
    json.field("version", node.version ?? .null)
    json.field("latest_version", node.latestVersion ?? .null)
    json.field("deprecation_date", node.deprecationDate)
    json.field("primary_key", node.primaryKey)
    json.field("time_spine", node.timeSpine ?? .null)
  }

  /// A constraint with all keys that dbt gives one; a model's own `columns` come last.
  private static func constraint(_ given: PlainValue) -> PlainValue {
    guard let given = given.mapping else { return given }
    var result: OrderedDictionary<String, PlainValue> = [
      "type": nil, "name": nil, "expression": nil, "warn_unenforced": true, "warn_unsupported": true,
      "to": nil, "to_columns": [],
    ]
    for (key, value) in given where key != "columns" { result[key] = value }
    if let columns = given["columns"] { result["columns"] = columns }
    return .mapping(result)
  }

  private func writeTest(_ test: TestMetadata, to json: inout JSONWriter) {
    json.field("column_name", test.columnName)
    json.field("file_key_name", test.fileKeyName)
    json.field("attached_node", test.attachedNode?.rawValue)
    json.beginObject("test_metadata")
    json.field("name", test.name)
    json.field("kwargs", test.arguments)
    json.field("namespace", test.namespace)
    json.endObject()
  }

  func writeDocs(isShown: Bool, color: String?, to json: inout JSONWriter) {
    json.beginObject("docs")
    json.field("show", isShown)
    json.field("node_color", color)
    json.endObject()
  }

  func writeColumns(_ columns: OrderedDictionary<String, ColumnProperties>, to json: inout JSONWriter) {
    json.beginObject("columns")
    for (key, column) in columns {
      json.beginObject(named: key)
      json.field("name", column.name)
      json.field("description", column.description)
      json.field("meta", column.meta)
      json.field("data_type", column.dataType)
      json.field("constraints", .list(column.constraints.map(Self.constraint)))
      json.field("quote", column.quote.map { .bool($0) } ?? .null)
      json.beginObject("config")
      json.field("meta", column.config["meta"]?.mapping ?? column.meta)
      json.field("tags", column.config["tags"]?.strings ?? column.tags)
      for (name, value) in column.config where name != "meta" && name != "tags" {
        json.field(named: name, value)
      }
      json.endObject()
      json.field("tags", column.tags)
      json.field("granularity", column.granularity)
      json.field("doc_blocks", column.docBlocks)
      json.endObject()
    }
    json.endObject()
  }

  func writeReferences(
    _ refs: [RefCall], _ sources: [SourceCall], _ metrics: [[String]] = [], to json: inout JSONWriter
  ) {
    json.beginArray("refs")
    for ref in refs {
      json.beginObject()
      json.field("name", ref.name)
      json.field("package", ref.package)
      json.field("version", ref.writtenVersion)
      json.endObject()
    }
    json.endArray()
    json.beginArray("sources")
    for source in sources { json.strings([source.source, source.table]) }
    json.endArray()
    json.beginArray("metrics")
    for metric in metrics { json.strings(metric) }
    json.endArray()
  }

  func writeDependsOn(macros: [NodeID], nodes: [NodeID], to json: inout JSONWriter) {
    json.beginObject("depends_on")
    json.field("macros", macros)
    json.field("nodes", nodes)
    json.endObject()
  }
}

extension RefCall {
  /// As it was given; a number where nothing says that it was a text.
  fileprivate var writtenVersion: PlainValue {
    guard let version else { return .null }
    if isVersionText { return .string(version) }
    return Int(version).map { .int($0) } ?? Double(version).map { .double($0) } ?? .string(version)
  }
}

extension Node {
  /// Only what becomes a table or a view has a name to be written.
  public var writtenRelationName: String? { self.isRelational ? self.relation?.written : nil }
}

extension RelationName {
  /// As PostgreSQL takes it: `"db"."schema"."orders"`.
  public var written: String {
    func part(_ name: String, _ isQuoted: Bool) -> String {
      guard isQuoted else { return name }
      return name.utf8.contains(UInt8(ascii: "\""))
        ? "\"" + name.replacing("\"", with: "\"\"") + "\"" : "\"" + name + "\""
    }
    let parts = [
      database.map { part($0, quoting.database) }, schema.map { part($0, quoting.schema) },
      part(identifier, quoting.identifier),
    ]
    return parts.compactMap { $0 }.joined(separator: ".")
  }
}

extension JSONWriter {
  /// The keys by which every entry of the manifest is known.
  mutating func head(
    name: String, _ type: String, package: String, path: String, file: String, id: NodeID
  ) {
    field("name", name)
    field("resource_type", type)
    field("package_name", package)
    field("path", path)
    field("original_file_path", file)
    field("unique_id", id.rawValue)
  }
}
