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
      let hasNone: Set<ResourceType> = [.test, .analysis, .operation, .sqlOperation]
      guard let relation = node.relation, !hasNone.contains(node.resourceType), !node.isEphemeral else {
        return Value.none
      }
      return .string(RelationObject(relation).render())
    case "checksum":
      return .dict([("name", .string(node.checksumName)), ("checksum", .string(node.checksum))])
    case "config": return config(of: node)
    case "unrendered_config": return Value(node.unrenderedConfig)
    case "tags": return .strings(node.tags)
    case "meta": return Value(node.meta)
    case "group": return Value(optional: node.group)
    case "description": return .string(node.description)
    case "docs":
      return .dict([("show", .bool(node.docsShow)), ("node_color", Value(optional: node.docsColor))])
    case "patch_path": return Value(optional: node.patchPath)
    case "index": return node.hookIndex.map(Value.int) ?? Value.none
    case "build_path", "compiled_path", "deferred", "defer_relation": return Value.none
    case "created_at": return .double(settings.runStartedAt)
    case "doc_blocks": return .strings(node.docBlocks.map(\.rawValue))
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
    case "metrics": return .list(node.metrics.map { .strings($0) })
    case "functions": return .list(node.functions.map { .strings($0) })
    case "arguments": return node.signature.map { Value($0.argumentValues) }
    case "returns": return node.signature.map { Value($0.returnValue) }
    case "depends_on":
      let macros = ("macros", Value.strings(node.macroDependsOn.map(\.rawValue)))
      // A seed depends on no node, and dbt leaves the key out.
      if node.resourceType == .seed { return .dict([macros]) }
      return .dict([macros, ("nodes", .strings(node.dependsOn.map(\.rawValue)))])
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
    case "time_spine": return node.timeSpine.map { Value($0) } ?? Value.none
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

  /// Keys that every node has.
  private static let shared = [
    "database", "schema", "name", "resource_type", "package_name", "path", "original_file_path", "unique_id",
    "fqn", "alias", "checksum", "config", "tags", "description", "columns", "meta", "group", "docs",
    "patch_path", "build_path", "unrendered_config", "created_at", "relation_name", "raw_code", "doc_blocks",
    "depends_on",
  ]
  private static let ofSQL = [
    "language", "refs", "sources", "metrics", "functions", "compiled_path", "contract",
  ]
  /// Keys that a node with SQL gets when it is compiled.
  private static let ofCompiled = ["compiled", "compiled_code", "extra_ctes_injected", "extra_ctes"]
  private static let ofModel = [
    "access", "constraints", "version", "latest_version", "deprecation_date", "primary_key", "time_spine",
    "defer_relation",
  ]

  /// The keys of a node's entry, dbt's for its kind.
  ///
  /// - Parameter isCompiled: whether those are among them that come with compiling.
  static func keys(of node: Node, isCompiled: Bool) -> [String] {
    var keys = shared
    if node.resourceType == .seed { return keys + ["root_path", "defer_relation"] }
    keys += ofSQL + (isCompiled ? ofCompiled : [])
    switch node.resourceType {
    case .model: return keys + ofModel
    case .snapshot: return keys + ["defer_relation"]
    case .operation: return keys + ["index"]
    case .function: return keys + ["arguments", "returns"]
    case .test where node.test != nil:
      return keys + ["column_name", "file_key_name", "attached_node", "test_metadata"]
    default: return keys
    }
  }

  private static func metadata(_ test: TestMetadata) -> Value {
    .dict([
      ("name", .string(test.name)), ("kwargs", Value(test.arguments)),
      ("namespace", Value(optional: test.namespace)),
    ])
  }

  private static func config(of node: Node) -> Value {
    let dict = DictObject()
    for (key, value) in node.config.values { dict[key] = Value(value) }
    return .dict(dict)
  }

  static func columns(of node: Node, withNone: Bool = true) -> Value {
    .dict(
      node.columns.map { name, properties in
        (name, withNone ? column(properties) : column(properties).withoutNone())
      })
  }

  /// The node as its own templates see it: with types that the database knows.
  static func aliasingTypes(of node: Node) -> Node {
    guard node.config["contract"]?.mapping?["alias_types"]?.bool ?? true else { return node }
    var result = node
    for (name, column) in node.columns {
      guard let type = column.dataType else { continue }
      let resolved = SQLTypeAlias.resolved(type)
      if resolved != type { result.columns[name]?.dataType = resolved }
    }
    return result
  }

  static func column(_ column: ColumnProperties) -> Value {
    let config = DictObject()
    config["meta"] = Value(column.meta)
    config["tags"] = .strings(column.tags)
    for (key, value) in column.config { config[key] = Value(value) }
    return .dict([
      ("name", .string(column.name)), ("description", .string(column.description)),
      ("meta", Value(column.meta)), ("data_type", Value(optional: column.dataType)),
      ("constraints", .list(column.constraints.map { Value($0) })),
      ("quote", column.quote.map(Value.bool) ?? .none), ("config", .dict(config)),
      ("tags", .strings(column.tags)), ("granularity", Value(optional: column.granularity)),
      ("doc_blocks", .strings(column.docBlocks.map(\.rawValue))),
    ])
  }
}

/// One entry of the graph: a dictionary whose values are made when they are asked for.
final class NodeObject: JinjaObject, JSONEncodableObject {
  private let keys: [String]
  private let lookup: (String) -> Value?
  private var made: DictObject?
  /// True for an object of a run's results, which has attributes and methods in place of a dictionary's.
  private var isObject = false
  /// The node of such an object; nil for an exposure or a source.
  private var node: Node?

  init(keys: [String], lookup: @escaping (String) -> Value?) {
    self.keys = keys
    self.lookup = lookup
  }

  convenience init(_ node: Node, _ settings: TemplateSettings) {
    self.init(keys: NodeDictionary.keys(of: node, isCompiled: false)) {
      NodeDictionary.value($0, of: node, settings: settings)
    }
  }

  /// A node with what its run has made of it, as an object rather than a dictionary: it has methods, too.
  convenience init(_ node: Node, _ settings: TemplateSettings, result: NodeResult) {
    self.init(keys: NodeDictionary.keys(of: node, isCompiled: true)) { key in
      switch key {
      case "compiled": .bool(result.compiledCode != nil)
      case "compiled_code": Value(optional: result.compiledCode)
      case "relation_name" where result.relationName != nil: Value(optional: result.relationName)
      default: NodeDictionary.value(key, of: node, settings: settings)
      }
    }
    isObject = true
    self.node = node
  }

  /// The same as an object of a run's results.
  func asObject() -> NodeObject {
    isObject = true
    return self
  }

  var typeName: String { isObject ? "Node" : "dict" }
  var isMapping: Bool { !isObject }

  func jsonValue() -> Value? { .dict(dictionary()) }

  /// All of it, for those who print or copy it.
  func dictionary() -> DictObject {
    if let made { return made }
    let dict = DictObject()
    for key in keys { if let value = lookup(key) { dict[key] = value } }
    made = dict
    return dict
  }

  func item(_ key: Value) -> Value? {
    key.stringValue.flatMap(entry)
  }

  private func entry(_ name: String) -> Value? {
    made.map { $0[name] } ?? (keys.contains(name) ? lookup(name) : nil)
  }

  /// Its methods work on a copy, which is the node's entry from then on: packages change what `graph` holds.
  func attribute(_ name: String) -> Value? {
    guard isObject else { return DictObject.hasMethod(name) ? dictionary().method(name) : entry(name) }
    switch name {
    case "to_dict": return .function(name) { _, _ in .dict(self.dictionary()) }
    case "is_ephemeral", "is_ephemeral_model": return .bool(node?.isEphemeral ?? false)
    case "is_refable":
      return .bool(node.map { [.model, .seed, .snapshot].contains($0.resourceType) } ?? false)
    case "config":
      guard case .dict(let config)? = lookup(name) else { return nil }
      return .object(ResultConfig(config))
    case "identifier": return node.map { .string($0.alias) } ?? lookup(name)
    default: return lookup(name)
    }
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
    for key in NodeDictionary.keys(of: node, isCompiled: isExecuting) {
      guard let value = NodeDictionary.value(key, of: node, settings: settings), !value.isNone else {
        continue
      }
      switch key {
      case "config": dict[key] = value.withoutNone()
      case "columns":
        dict[key] = NodeDictionary.columns(of: NodeDictionary.aliasingTypes(of: node), withNone: false)
      default: dict[key] = value
      }
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

  static let manifestParts: Set<String> = [
    "exposures", "functions", "groups", "metrics", "nodes", "saved_queries", "semantic_models", "sources",
  ]

  /// `graph`: the manifest's entries by kind.
  var graphValue: Value {
    guard let manifest = manifest?.manifest else {
      return .dict(Self.manifestParts.sorted().map { ($0, .dict([])) })
    }
    let settings = settings
    func dict<Key, Element>(
      _ elements: OrderedDictionary<Key, Element>, _ name: (Key) -> String, _ value: (Element) -> Value
    ) -> Value {
      let dict = DictObject()
      for (key, element) in elements { dict[name(key)] = value(element) }
      return .dict(dict)
    }
    func opaque(_ type: ResourceType) -> Value {
      dict(manifest.opaque[type] ?? [:], \.rawValue) { Value($0) }
    }
    return .dict([
      ("exposures", dict(manifest.exposures, \.rawValue) { .object(NodeObject($0, settings)) }),
      (
        "functions",
        dict(manifest.nodes.filter { $0.value.resourceType == .function }, \.rawValue) {
          .object(NodeObject($0, settings))
        }
      ),
      ("groups", dict(manifest.groups, \.rawValue) { GraphEntries.group($0) }), ("metrics", opaque(.metric)),
      (
        "nodes",
        dict(manifest.nodes.filter { $0.value.resourceType != .function }, \.rawValue) {
          .object(NodeObject($0, settings))
        }
      ),
      ("saved_queries", opaque(.savedQuery)), ("semantic_models", opaque(.semanticModel)),
      ("sources", dict(manifest.sources, \.rawValue) { .object(NodeObject($0, settings)) }),
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

extension Value {
  /// A dictionary without the keys that hold none; anything else as it is.
  fileprivate func withoutNone() -> Value {
    guard case .dict(let dict) = self else { return self }
    let kept = DictObject()
    for (key, value) in dict.pairs where !value.isNone {
      if let name = key.stringValue { kept[name] = value }
    }
    return .dict(kept)
  }
}
