import OrderedCollections
public import ProjectModel

/// Models, seeds, snapshots, tests, analyses and operations.
extension ManifestArtifact {
  func write(_ node: Node, to json: inout JSONWriter) {
    json.beginObject()
    writeHead(node, to: &json)
    if node.resourceType == .seed {
      json.key("root_path")
      json.string(node.rootPath)
      json.key("depends_on")
      json.beginObject()
      json.key("macros")
      json.strings(node.macroDependsOn.lazy.map(\.rawValue))
      json.endObject()
    } else {
      writeCode(node, to: &json)
      switch node.resourceType {
      case .model: writeModel(node, to: &json)
      case .function: if let signature = node.signature { write(signature, to: &json) }
      case .test: if let test = node.test { writeTest(test, to: &json) }
      case .operation:
        json.key("index")
        json.value(node.hookIndex.map { .int($0) } ?? .null)
      default: break
      }
    }
    json.endObject()
  }

  /// What every kind has.
  private func writeHead(_ node: Node, to json: inout JSONWriter) {
    json.key("database")
    json.string(node.relation?.database)
    json.key("schema")
    json.string(node.relation?.schema ?? "")
    json.key("name")
    json.string(node.name)
    json.key("resource_type")
    json.string(node.resourceType.rawValue)
    json.key("package_name")
    json.string(node.packageName)
    json.key("path")
    json.string(node.path)
    json.key("original_file_path")
    json.string(node.originalFilePath)
    json.key("unique_id")
    json.string(node.id.rawValue)
    json.key("fqn")
    json.strings(node.fqn)
    json.key("alias")
    json.string(node.alias)
    json.key("checksum")
    json.beginObject()
    json.key("name")
    json.string(node.checksumName)
    json.key("checksum")
    json.string(node.checksum)
    json.endObject()
    json.key("config")
    ConfigShape.of(node.resourceType).write(node.config.values, to: &json)
    json.key("tags")
    json.strings(node.tags)
    json.key("description")
    json.string(node.description)
    json.key("columns")
    writeColumns(node.columns, to: &json)
    json.key("meta")
    json.mapping(node.meta)
    json.key("group")
    json.string(node.groupName)
    json.key("docs")
    json.beginObject()
    json.key("show")
    json.bool(node.docsShow)
    json.key("node_color")
    json.string(node.docsColor)
    json.endObject()
    json.key("patch_path")
    json.string(node.patchPath)
    json.key("build_path")
    json.string(hasRun.contains(node.id) ? layout.runPath(of: node) : nil)
    json.key("unrendered_config")
    json.mapping(node.unrenderedConfig)
    json.key("created_at")
    json.double(parsedAt)
    json.key("relation_name")
    json.string(node.writtenRelationName)
    json.key("raw_code")
    json.string(node.rawCode)
    json.key("doc_blocks")
    json.strings(node.docBlocks.lazy.map(\.rawValue))
  }

  private func writeCode(_ node: Node, to json: inout JSONWriter) {
    json.key("language")
    json.string(node.language)
    writeReferences(node.refs, node.sources, to: &json)
    json.key("functions")
    json.value(.list(node.functions.map { .list($0.map { .string($0) }) }))
    writeDependsOn(macros: node.macroDependsOn, nodes: node.dependsOn, to: &json)
    json.key("compiled_path")
    if let compiled = compiled[node.id] {
      json.string(layout.compiledPath(of: node))
      json.key("compiled")
      json.bool(true)
      json.key("compiled_code")
      json.string(compiled.sql)
      json.key("extra_ctes_injected")
      json.bool(compiled.hasInjected)
      json.key("extra_ctes")
      json.beginArray()
      for parent in compiled.injected {
        json.beginObject()
        json.key("id")
        json.string(parent.id.rawValue)
        json.key("sql")
        json.string(" \(parent.name) as (\n\(parent.query)\n)")
        json.endObject()
      }
      json.endArray()
    } else {
      json.null()
    }
    json.key("contract")
    let contract = node.config["contract"]?.mapping
    json.beginObject()
    json.key("enforced")
    json.bool(contract?["enforced"]?.bool ?? false)
    json.key("alias_types")
    json.bool(contract?["alias_types"]?.bool ?? true)
    json.key("checksum")
    json.string(node.contractChecksum)
    json.endObject()
  }

  private func write(_ signature: FunctionSignature, to json: inout JSONWriter) {
    json.key("arguments")
    json.value(signature.argumentValues)
    json.key("returns")
    json.value(signature.returnValue)
  }

  private func writeModel(_ node: Node, to json: inout JSONWriter) {
    json.key("access")
    json.string(node.access ?? node.config["access"]?.string ?? "protected")
    json.key("constraints")
    json.value(.list(node.constraints.map(Self.constraint)))
    json.key("version")
    json.value(node.version ?? .null)
    json.key("latest_version")
    json.value(node.latestVersion ?? .null)
    json.key("deprecation_date")
    json.string(node.deprecationDate)
    json.key("primary_key")
    json.strings(node.primaryKey)
    json.key("time_spine")
    json.value(node.timeSpine ?? .null)
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
    json.key("column_name")
    json.string(test.columnName)
    json.key("file_key_name")
    json.string(test.fileKeyName)
    json.key("attached_node")
    json.string(test.attachedNode?.rawValue)
    json.key("test_metadata")
    json.beginObject()
    json.key("name")
    json.string(test.name)
    json.key("kwargs")
    json.mapping(test.arguments)
    json.key("namespace")
    json.string(test.namespace)
    json.endObject()
  }

  func writeColumns(_ columns: OrderedDictionary<String, ColumnProperties>, to json: inout JSONWriter) {
    json.beginObject()
    for (key, column) in columns {
      json.key(key)
      json.beginObject()
      json.key("name")
      json.string(column.name)
      json.key("description")
      json.string(column.description)
      json.key("meta")
      json.mapping(column.meta)
      json.key("data_type")
      json.string(column.dataType)
      json.key("constraints")
      json.value(.list(column.constraints.map(Self.constraint)))
      json.key("quote")
      json.value(column.quote.map { .bool($0) } ?? .null)
      json.key("config")
      json.beginObject()
      json.key("meta")
      json.mapping(column.config["meta"]?.mapping ?? column.meta)
      json.key("tags")
      json.strings(column.config["tags"]?.strings ?? column.tags)
      for (name, value) in column.config where name != "meta" && name != "tags" {
        json.key(name)
        json.value(value)
      }
      json.endObject()
      json.key("tags")
      json.strings(column.tags)
      json.key("granularity")
      json.string(column.granularity)
      json.key("doc_blocks")
      json.strings(column.docBlocks.lazy.map(\.rawValue))
      json.endObject()
    }
    json.endObject()
  }

  func writeReferences(_ refs: [RefCall], _ sources: [SourceCall], to json: inout JSONWriter) {
    json.key("refs")
    json.beginArray()
    for ref in refs {
      json.beginObject()
      json.key("name")
      json.string(ref.name)
      json.key("package")
      json.string(ref.package)
      json.key("version")
      json.value(ref.writtenVersion)
      json.endObject()
    }
    json.endArray()
    json.key("sources")
    json.beginArray()
    for source in sources { json.strings([source.source, source.table]) }
    json.endArray()
    json.key("metrics")
    json.strings([])
  }

  func writeDependsOn(macros: [NodeID], nodes: [NodeID], to json: inout JSONWriter) {
    json.key("depends_on")
    json.beginObject()
    json.key("macros")
    json.strings(macros.lazy.map(\.rawValue))
    json.key("nodes")
    json.strings(nodes.lazy.map(\.rawValue))
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
