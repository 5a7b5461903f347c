public import Diagnostics
public import OrderedCollections

/// A `ref()` as written: `ref('m')`, `ref('package', 'm')`, `ref('m', v=2)`.
public struct RefCall: Sendable, Hashable {
  public var package: String?
  public var name: String
  /// The version as text, `v=2` and `v='2'` alike.
  public var version: String?
  /// True for `v='2'`: the manifest keeps the difference.
  public var isVersionText = false
  public var span: SourceSpan?

  public init(package: String? = nil, name: String, version: String? = nil, span: SourceSpan? = nil) {
    self.package = package
    self.name = name
    self.version = version
    self.span = span
  }
}

/// A `source()` as written.
public struct SourceCall: Sendable, Hashable {
  public var source: String
  public var table: String
  public var span: SourceSpan?

  public init(source: String, table: String, span: SourceSpan? = nil) {
    self.source = source
    self.table = table
    self.span = span
  }
}

/// A column as properties declare it.
public struct ColumnProperties: Sendable {
  public var name: String
  public var description: String
  public var dataType: String?
  public var quote: Bool?
  public var tags: [String]
  public var meta: OrderedDictionary<String, PlainValue>
  public var config: OrderedDictionary<String, PlainValue>
  public var constraints: [PlainValue]
  public var granularity: String?
  /// The docs blocks that the description names.
  public var docBlocks: [NodeID] = []
  public var span: SourceSpan?

  public init(
    name: String, description: String = "", dataType: String? = nil, quote: Bool? = nil, tags: [String] = [],
    meta: OrderedDictionary<String, PlainValue> = [:], config: OrderedDictionary<String, PlainValue> = [:],
    constraints: [PlainValue] = [], granularity: String? = nil, span: SourceSpan? = nil
  ) {
    self.name = name
    self.description = description
    self.dataType = dataType
    self.quote = quote
    self.tags = tags
    self.meta = meta
    self.config = config
    self.constraints = constraints
    self.granularity = granularity
    self.span = span
  }
}

/// What a generic test was made from.
public struct TestMetadata: Sendable {
  /// `unique`, or `expression_is_true` with namespace `dbt_utils`.
  public var name: String
  public var namespace: String?
  /// The keyword arguments, `model` (as text of a template) among them, in dbt's order.
  public var arguments: OrderedDictionary<String, PlainValue>
  /// The column the test stands under, if any.
  public var columnName: String?
  /// The model, seed, snapshot or source that the test is declared on.
  public var attachedNode: NodeID?
  /// The file key dbt writes: nil for singular tests.
  public var fileKeyName: String?

  public init(
    name: String, namespace: String?, arguments: OrderedDictionary<String, PlainValue>, columnName: String?,
    attachedNode: NodeID?, fileKeyName: String? = nil
  ) {
    self.name = name
    self.namespace = namespace
    self.arguments = arguments
    self.columnName = columnName
    self.attachedNode = attachedNode
    self.fileKeyName = fileKeyName
  }
}

/// Anything that stands in the graph with SQL or rows of its own: models, seeds, snapshots, tests,
/// analyses, operations.
///
/// A value of one word: copies share their ``NodeContents`` until one of them is changed, since a large project's
/// nodes are handed around far more often than they are made.
@dynamicMemberLookup
public struct Node: Sendable {
  @usableFromInline var box: Box

  // A box is changed only while one node holds it, which `contents` checks before it gives it out; all others
  // only read it.
  @usableFromInline
  final class Box: @unchecked Sendable {
    @usableFromInline var contents: NodeContents

    @inlinable
    init(_ contents: NodeContents) { self.contents = contents }
  }

  public init(
    id: NodeID, resourceType: ResourceType, name: String, packageName: String, path: String,
    originalFilePath: String, rootPath: String, fqn: [String], rawCode: String, checksum: String,
    alias: String, config: NodeConfig
  ) {
    box = Box(
      NodeContents(
        id: id, resourceType: resourceType, name: name, packageName: packageName, path: path,
        originalFilePath: originalFilePath, rootPath: rootPath, fqn: fqn, alias: alias, config: config,
        details: NodeDetails(rawCode: rawCode, checksum: checksum)))
  }

  public init(_ contents: NodeContents) { box = Box(contents) }

  /// Whether this is a copy of the other that has not been changed; false says nothing.
  public func sharesContents(with other: Node) -> Bool { box === other.box }

  /// Everything there is to know of the node.
  @inlinable
  public var contents: NodeContents {
    get { box.contents }
    _modify {
      if !isKnownUniquelyReferenced(&box) { box = Box(box.contents) }
      yield &box.contents
    }
  }

  @inlinable
  public subscript<Member>(dynamicMember member: KeyPath<NodeContents, Member>) -> Member {
    box.contents[keyPath: member]
  }

  @inlinable
  public subscript<Member>(dynamicMember member: WritableKeyPath<NodeContents, Member>) -> Member {
    get { box.contents[keyPath: member] }
    _modify { yield &contents[keyPath: member] }
  }

  @inlinable
  public subscript<Member>(dynamicMember member: KeyPath<NodeDetails, Member>) -> Member {
    box.contents.details[keyPath: member]
  }

  @inlinable
  public subscript<Member>(dynamicMember member: WritableKeyPath<NodeDetails, Member>) -> Member {
    get { box.contents.details[keyPath: member] }
    _modify { yield &contents.details[keyPath: member] }
  }
}

// Worked out on the node, not on its contents: those would be copied for it.
extension Node {
  public var meta: OrderedDictionary<String, PlainValue> { box.contents.config["meta"]?.mapping ?? [:] }

  public var isEphemeral: Bool {
    box.contents.resourceType == .model && box.contents.config.materialized == "ephemeral"
  }

  /// The place of an `on-run-start` or `on-run-end` hook among those of its package, from 1.
  public var hookIndex: Int? {
    guard box.contents.resourceType == .operation else { return nil }
    return box.contents.name.split(separator: "-").last.flatMap { Int($0) }.map { $0 + 1 }
  }

  /// An incremental model that is loaded period by period.
  public var isMicrobatch: Bool {
    box.contents.resourceType == .model && box.contents.config.materialized == "incremental"
      && box.contents.config["incremental_strategy"]?.string == "microbatch"
  }

  /// Whether the node makes a relation: dbt's `relation_name` is null for the others.
  public var isRelational: Bool {
    switch box.contents.resourceType {
    case .model: !isEphemeral
    case .seed, .snapshot: true
    case .test: box.contents.config["store_failures"]?.bool == true
    default: false
    }
  }

  /// Whether the node is a generic test: ``NodeDetails/test`` is there.
  public var isGenericTest: Bool { box.contents.later.marks.contains(.genericTest) }

  /// The same of a package, or of a star's declaration.
  public var isNamespacedTest: Bool { box.contents.later.marks.contains(.namespacedTest) }

  /// Whether the node's text is empty or blank.
  public var isBlank: Bool { box.contents.later.marks.contains(.blank) }

  /// Whether the node or one of its columns has constraints.
  public var isConstrained: Bool { box.contents.later.marks.contains(.constrained) }
}

/// What a ``Node`` holds: what selecting, ordering and naming look at, and the ``details``.
public struct NodeContents: Sendable {
  public var id: NodeID
  public var resourceType: ResourceType
  public var name: String
  public var packageName: String
  /// Below the resource's folder: `staging/stg_orders.sql`.
  public var path: String
  /// Below the package's root: `models/staging/stg_orders.sql`.
  public var originalFilePath: String
  /// The package's root folder, absolute.
  public var rootPath: String
  public var fqn: [String]

  /// The name that the node has or would have in the warehouse: set for every kind with a schema of its own,
  /// also for ephemeral models and tests, which make no relation; see ``Node/isRelational``.
  public var relation: RelationName?
  public var alias: String
  /// The tags that selection sees: those of the config, for tests also their column's and source's.
  public var tags: [String] = []
  public var config: NodeConfig
  /// `package://models/schema.yml`
  public var patchPath: String?
  public var dependsOn: [NodeID] = []
  public var version: PlainValue?
  public var latestVersion: PlainValue?
  public var access: String?
  public var group: String?
  /// True when the template asks the database at run time (`run_query`, `statement`, adapter calls), so it
  /// can only be compiled with a connection.
  public var introspects: Bool = false

  /// The details, there already or when they are asked for.
  public var later: LaterDetails

  @inlinable
  public var details: NodeDetails {
    get { later.value }
    _modify { yield &later.value }
  }

  public init(
    id: NodeID, resourceType: ResourceType, name: String, packageName: String, path: String,
    originalFilePath: String, rootPath: String, fqn: [String], alias: String, config: NodeConfig,
    details: NodeDetails
  ) {
    self.init(
      id: id, resourceType: resourceType, name: name, packageName: packageName, path: path,
      originalFilePath: originalFilePath, rootPath: rootPath, fqn: fqn, alias: alias, config: config,
      later: LaterDetails(details))
  }

  public init(
    id: NodeID, resourceType: ResourceType, name: String, packageName: String, path: String,
    originalFilePath: String, rootPath: String, fqn: [String], alias: String, config: NodeConfig,
    later: LaterDetails
  ) {
    self.id = id
    self.resourceType = resourceType
    self.name = name
    self.packageName = packageName
    self.path = path
    self.originalFilePath = originalFilePath
    self.rootPath = rootPath
    self.fqn = fqn
    self.alias = alias
    self.config = config
    self.later = later
  }
}
