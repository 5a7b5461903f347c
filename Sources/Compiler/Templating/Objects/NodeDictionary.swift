import Jinja
import OrderedCollections
import ProjectModel

/// Nodes and sources as the dictionaries that `model` and `graph` show: the manifest's entries.
enum NodeDictionary {
  /// The value under one key, or nil when the manifest has no such key for the node.
  static func value(_ key: String, of node: Node, settings: TemplateSettings) -> Value? {
    switch key {
    case "name": return .string(node.name)
    case "resource_type": return .string(node.resourceType.rawValue)
    case "package_name": return .string(node.packageName)
    case "path": return .string(node.path)
    case "original_file_path": return .string(node.originalFilePath)
    case "root_path": return .string(node.rootPath)
    case "unique_id": return .string(node.id.rawValue)
    case "fqn": return .strings(node.fqn)
    case "alias": return .string(node.alias)
    case "database": return Value(optional: node.relation?.database ?? settings.database)
    case "schema": return .string(node.relation?.schema ?? settings.schema)
    case "relation_name":
      guard let relation = node.relation, node.resourceType != .test, !node.isEphemeral else {
        return Value.none
      }
      return .string(RelationObject(relation).render())
    case "checksum":
      return .dict([("name", .string(node.checksumName)), ("checksum", .string(node.checksum))])
    case "config": return config(of: node)
    case "unrendered_config": return Value(node.unrenderedConfig)
    case "tags": return .strings(node.config.tags)
    case "meta": return Value(node.meta)
    case "group": return Value(optional: node.group)
    case "description": return .string(node.description)
    case "docs":
      return .dict([("show", .bool(node.docsShow)), ("node_color", Value(optional: node.docsColor))])
    case "patch_path": return Value(optional: node.patchPath)
    case "build_path", "compiled_path", "deferred": return Value.none
    case "raw_code", "raw_sql": return .string(node.rawCode)
    case "language": return .string(node.language)
    case "columns": return columns(of: node)
    case "refs":
      return .list(
        node.refs.map {
          .dict([
            ("name", .string($0.name)), ("package", Value(optional: $0.package)),
            ("version", Value(optional: $0.version)),
          ])
        })
    case "sources": return .list(node.sources.map { .strings([$0.source, $0.table]) })
    case "metrics": return .list([])
    case "functions": return .list(node.functions.map { .strings($0) })
    case "arguments": return node.signature.map { Value($0.argumentValues) }
    case "returns": return node.signature.map { Value($0.returnValue) }
    case "depends_on":
      return .dict([
        ("macros", .strings(node.macroDependsOn.map(\.rawValue))),
        ("nodes", .strings(node.dependsOn.map(\.rawValue))),
      ])
    case "contract":
      let contract = node.config["contract"]?.mapping
      return .dict([
        ("enforced", .bool(contract?["enforced"]?.bool ?? false)),
        ("alias_types", .bool(contract?["alias_types"]?.bool ?? true)),
        ("checksum", Value(optional: node.contractChecksum)),
      ])
    case "access": return node.resourceType == .model ? Value(optional: node.access ?? "protected") : nil
    case "constraints": return .list(node.constraints.map { Value($0) })
    case "version": return node.version.map { Value($0) } ?? Value.none
    case "latest_version": return node.latestVersion.map { Value($0) } ?? Value.none
    case "deprecation_date": return Value(optional: node.deprecationDate)
    case "primary_key": return .strings(node.primaryKey)
    case "compiled": return .bool(false)
    case "extra_ctes_injected": return .bool(false)
    case "extra_ctes": return .list([])
    case "column_name": return node.test.map { Value(optional: $0.columnName) }
    case "file_key_name": return node.test.map { Value(optional: $0.fileKeyName) }
    case "attached_node": return node.test.map { Value(optional: $0.attachedNode?.rawValue) }
    case "test_metadata": return node.test.map(metadata)
    default: return nil
    }
  }

  static let keys = [
    "database", "schema", "name", "resource_type", "package_name", "path", "original_file_path", "unique_id",
    "fqn", "alias", "checksum", "config", "tags", "description", "columns", "meta", "group", "docs",
    "patch_path",
    "build_path", "unrendered_config", "relation_name", "raw_code", "language", "refs", "sources", "metrics",
    "functions", "depends_on", "compiled_path", "compiled", "extra_ctes_injected", "extra_ctes", "contract",
    "access", "constraints", "version", "latest_version", "deprecation_date", "primary_key", "column_name",
    "file_key_name", "attached_node", "test_metadata", "arguments", "returns",
  ]

  private static func metadata(_ test: TestMetadata) -> Value {
    .dict([
      ("name", .string(test.name)), ("kwargs", Value(test.arguments)),
      ("namespace", Value(optional: test.namespace)),
    ])
  }

  private static func config(of node: Node) -> Value {
    let dict = DictObject()
    for (key, value) in node.config.values { dict[key] = Value(value) }
    // Hooks are told apart by their key in files and by attribute in templates.
    for (key, name) in [("pre-hook", "pre_hook"), ("post-hook", "post_hook")] where dict[key] != nil {
      dict[name] = dict[key]
    }
    return .dict(dict)
  }

  static func columns(of node: Node, withNone: Bool = true) -> Value {
    .dict(
      node.columns.map { name, properties in
        guard case .dict(let column) = column(properties), !withNone else {
          return (name, column(properties))
        }
        let given = DictObject()
        for (key, value) in column.pairs where !value.isNone { given[key.stringValue ?? ""] = value }
        return (name, .dict(given))
      })
  }

  private static func column(_ column: ColumnProperties) -> Value {
    .dict(
      [
        ("name", .string(column.name)), ("description", .string(column.description)),
        ("meta", Value(column.meta)),
        ("data_type", Value(optional: column.dataType)),
        ("constraints", .list(column.constraints.map { Value($0) })),
        ("quote", column.quote.map(Value.bool) ?? .none), ("config", Value(column.config)),
        ("tags", .strings(column.tags)), ("granularity", Value(optional: column.granularity)),
        ("doc_blocks", .strings(column.docBlocks.map(\.rawValue))),
      ])
  }

  // MARK: - Sources and exposures

  static func value(_ key: String, of source: SourceDefinition) -> Value? {
    switch key {
    case "name": return .string(source.name)
    case "identifier": return .string(source.relation.identifier)
    case "source_name": return .string(source.sourceName)
    case "resource_type": return .string("source")
    case "package_name": return .string(source.packageName)
    case "unique_id": return .string(source.id.rawValue)
    case "database": return Value(optional: source.relation.database)
    case "schema": return Value(optional: source.relation.schema)
    case "relation_name": return .string(RelationObject(source.relation).render())
    case "fqn": return .strings(source.fqn)
    case "path", "original_file_path": return .string(source.path)
    case "root_path": return .string(source.rootPath)
    case "description": return .string(source.description)
    case "source_description": return .string(source.sourceDescription)
    case "source_meta": return Value(source.sourceMeta)
    case "loader": return .string(source.loader)
    case "tags": return .strings(source.tags)
    case "meta": return source.config["meta"].map { Value($0) } ?? .dict([])
    case "config": return Value(source.config.values)
    case "columns": return .dict(source.columns.map { ($0.key, column($0.value)) })
    case "loaded_at_field": return Value(optional: source.loadedAtField)
    case "freshness": return source.freshness.map { Value($0) } ?? Value.none
    case "external": return source.external.map { Value($0) } ?? Value.none
    case "quoting":
      let quoting = source.relation.quoting
      return .dict([
        ("database", .bool(quoting.database)), ("schema", .bool(quoting.schema)),
        ("identifier", .bool(quoting.identifier)),
      ])
    default: return nil
    }
  }

  static let sourceKeys = [
    "database", "schema", "name", "resource_type", "package_name", "path", "original_file_path", "unique_id",
    "fqn", "source_name", "source_description", "loader", "identifier", "quoting", "loaded_at_field",
    "freshness",
    "external", "description", "columns", "meta", "source_meta", "tags", "config", "relation_name",
  ]

  static func value(_ key: String, of exposure: Exposure) -> Value? {
    switch key {
    case "name": return .string(exposure.name)
    case "resource_type": return .string("exposure")
    case "package_name": return .string(exposure.packageName)
    case "unique_id": return .string(exposure.id.rawValue)
    case "path": return .string(exposure.path)
    case "original_file_path":
      return .string(exposure.originalFilePath.isEmpty ? exposure.path : exposure.originalFilePath)
    case "fqn": return .strings(exposure.fqn)
    case "type": return .string(exposure.type)
    case "owner":
      return .dict([
        ("email", Value(optional: exposure.ownerEmail)), ("name", Value(optional: exposure.ownerName)),
      ])
    case "label": return Value(optional: exposure.label)
    case "maturity": return Value(optional: exposure.maturity)
    case "url": return Value(optional: exposure.url)
    case "description": return .string(exposure.description)
    case "tags": return .strings(exposure.tags)
    case "meta": return Value(exposure.meta)
    case "config": return Value(exposure.config.values)
    case "depends_on":
      return .dict([("macros", .list([])), ("nodes", .strings(exposure.dependsOn.map(\.rawValue)))])
    default: return nil
    }
  }

  static let exposureKeys = [
    "name", "resource_type", "package_name", "path", "original_file_path", "unique_id", "fqn", "type",
    "owner",
    "description", "label", "maturity", "meta", "tags", "config", "url", "depends_on",
  ]
}

/// One entry of the graph: a dictionary whose values are made when they are asked for.
final class NodeObject: JinjaObject {
  private let keys: [String]
  private let lookup: (String) -> Value?
  private var made: DictObject?

  init(keys: [String], lookup: @escaping (String) -> Value?) {
    self.keys = keys
    self.lookup = lookup
  }

  convenience init(_ node: Node, _ settings: TemplateSettings) {
    self.init(keys: NodeDictionary.keys) { NodeDictionary.value($0, of: node, settings: settings) }
  }

  var typeName: String { "dict" }
  var isMapping: Bool { true }

  /// All of it, for those who print or copy it.
  func dictionary() -> DictObject {
    if let made { return made }
    let dict = DictObject()
    for key in keys { if let value = lookup(key) { dict[key] = value } }
    made = dict
    return dict
  }

  func item(_ key: Value) -> Value? {
    guard let name = key.stringValue else { return nil }
    return made.map { $0[name] } ?? lookup(name)
  }

  /// Its methods work on a copy, which is the node's entry from then on: packages change what `graph` holds.
  func attribute(_ name: String) -> Value? {
    if DictObject.hasMethod(name) { return dictionary().method(name) }
    return made.map { $0[name] } ?? lookup(name)
  }
  func makeIterator() -> (any ValueIterator)? { ListIterator(dictionary().keys) }
  func count() -> Int? { dictionary().count }
  func contains(_ value: Value) -> Bool? { item(value) != nil }
  func representation() throws -> String { try Value.dict(dictionary()).representation() }
}

extension RenderContext {
  /// `model`: the node's entry; a template may change its own copy.
  var modelValue: Value {
    guard let node = subject.node else {
      return .dict([
        ("name", .string(subject.name)), ("package_name", .string(subject.packageName)),
        ("resource_type", .string(subject.resourceType.rawValue)), ("fqn", .strings(subject.fqn)),
        ("original_file_path", .string(subject.file)), ("path", .string(subject.file)),
        ("config", .dict([])), ("columns", .dict([])), ("tags", .list([])), ("meta", .dict([])),
        ("unique_id", .string("\(subject.resourceType.rawValue).\(subject.packageName).\(subject.name)")),
        ("alias", .string(subject.name)),
      ])
    }
    let dict = DictObject()
    // Unlike the entries of graph, the node's own has no keys without a value.
    for key in NodeDictionary.keys {
      guard let value = NodeDictionary.value(key, of: node, settings: settings), !value.isNone else {
        continue
      }
      dict[key] = key == "columns" ? NodeDictionary.columns(of: node, withNone: false) : value
    }
    if let scope = runtime.batch {
      func moment(_ time: EventTime) -> Value {
        TypedValue.timestamp(microsecondsSince1970: time.microseconds)
      }
      let (start, end) = (moment(scope.batch.start), moment(scope.batch.end))
      dict["batch"] = .dict([
        ("id", .string(scope.id)), ("event_time_start", start), ("event_time_end", end),
      ])
    }
    if let sql = runtime.compiledSQL {
      dict["compiled_code"] = .string(sql)
      dict["compiled_sql"] = .string(sql)
    }
    return .dict(dict)
  }

  /// `graph`: the manifest's entries by kind.
  var graphValue: Value {
    guard let manifest = manifest?.manifest else {
      return .dict(["nodes", "sources", "exposures", "metrics", "groups"].map { ($0, .dict([])) })
    }
    let settings = settings
    func dict<Key, Element>(
      _ elements: OrderedDictionary<Key, Element>, _ name: (Key) -> String, _ value: (Element) -> Value
    ) -> Value {
      let dict = DictObject()
      for (key, element) in elements { dict[name(key)] = value(element) }
      return .dict(dict)
    }
    return .dict([
      (
        "nodes",
        dict(manifest.nodes.filter { $0.value.resourceType != .function }, \.rawValue) {
          .object(NodeObject($0, settings))
        }
      ),
      (
        "functions",
        dict(manifest.nodes.filter { $0.value.resourceType == .function }, \.rawValue) {
          .object(NodeObject($0, settings))
        }
      ),
      (
        "sources",
        dict(manifest.sources, \.rawValue) { source in
          .object(NodeObject(keys: NodeDictionary.sourceKeys) { NodeDictionary.value($0, of: source) })
        }
      ),
      (
        "exposures",
        dict(manifest.exposures, \.rawValue) { exposure in
          .object(NodeObject(keys: NodeDictionary.exposureKeys) { NodeDictionary.value($0, of: exposure) })
        }
      ),
      (
        "groups",
        dict(manifest.groups, \.rawValue) { group in
          .dict([
            ("name", .string(group.name)), ("package_name", .string(group.packageName)),
            ("resource_type", .string("group")),
            (
              "owner",
              .dict([
                ("name", Value(optional: group.ownerName)), ("email", Value(optional: group.ownerEmail)),
              ])
            ),
          ])
        }
      ),
      ("metrics", dict(manifest.opaque[.metric] ?? [:], \.rawValue) { Value($0) }),
      ("semantic_models", dict(manifest.opaque[.semanticModel] ?? [:], \.rawValue) { Value($0) }),
      ("saved_queries", dict(manifest.opaque[.savedQuery] ?? [:], \.rawValue) { Value($0) }),
    ])
  }

  /// `pre_hooks` and `post_hooks` of the node.
  func hooksValue(_ name: String) -> Value {
    guard let node = subject.node, node.resourceType != .test else { return .list([]) }
    let key = name == "pre_hooks" ? "pre-hook" : "post-hook"
    return .list(
      HookDefinition.list(node.config[key]).map {
        .dict([("sql", .string($0.sql)), ("transaction", .bool($0.inTransaction)), ("index", .none)])
      })
  }
}
