import OrderedCollections
import ProjectModel
import StarModel

/// What selection needs to know of anything in the graph, whatever its kind.
///
/// A node is asked when it is looked at, not before: most members of a large project are never asked anything but
/// their id and what they depend on.
struct GraphMember: Sendable {
  private enum Kind: Sendable {
    case node(Node)
    case other(Entry)
  }

  /// What is no node.
  private final class Entry: Sendable {
    let id: NodeID
    let resourceType: ResourceType
    let name: String
    let packageName: String
    let fqn: [String]
    let originalFilePath: String
    let dependsOn: [NodeID]
    let tags: [String]?
    let config: OrderedDictionary<String, PlainValue>
    let sourceName: String?
    let version: String?

    init(
      id: NodeID, resourceType: ResourceType, name: String, packageName: String, fqn: [String],
      originalFilePath: String, dependsOn: [NodeID], tags: [String]?,
      config: OrderedDictionary<String, PlainValue>, sourceName: String? = nil, version: String? = nil
    ) {
      self.id = id
      self.resourceType = resourceType
      self.name = name
      self.packageName = packageName
      self.fqn = fqn
      self.originalFilePath = originalFilePath
      self.dependsOn = dependsOn
      self.tags = tags
      self.config = config
      self.sourceName = sourceName
      self.version = version
    }
  }

  private let kind: Kind

  var id: NodeID {
    switch kind {
    case .node(let node): node.id
    case .other(let entry): entry.id
    }
  }
  var resourceType: ResourceType {
    switch kind {
    case .node(let node): node.resourceType
    case .other(let entry): entry.resourceType
    }
  }
  var name: String {
    switch kind {
    case .node(let node): node.name
    case .other(let entry): entry.name
    }
  }
  var packageName: String {
    switch kind {
    case .node(let node): node.packageName
    case .other(let entry): entry.packageName
    }
  }
  var fqn: [String] {
    switch kind {
    case .node(let node): node.fqn
    case .other(let entry): entry.fqn
    }
  }
  var originalFilePath: String {
    switch kind {
    case .node(let node): node.originalFilePath
    case .other(let entry): entry.originalFilePath
    }
  }
  var dependsOn: [NodeID] {
    switch kind {
    case .node(let node): node.dependsOn
    case .other(let entry): entry.dependsOn
    }
  }
  /// nil where a kind has none.
  var tags: [String]? {
    switch kind {
    case .node(let node): node.tags
    case .other(let entry): entry.tags
    }
  }
  var config: OrderedDictionary<String, PlainValue> {
    switch kind {
    case .node(let node): node.config.values
    case .other(let entry): entry.config
    }
  }
  var version: String? {
    switch kind {
    case .node(let node): node.version?.versionText
    case .other(let entry): entry.version
    }
  }
  var sourceName: String? {
    guard case .other(let entry) = kind else { return nil }
    return entry.sourceName
  }

  // MARK: What only nodes have

  private var node: Node? {
    guard case .node(let node) = kind else { return nil }
    return node
  }
  var patchPath: String? { node?.patchPath }
  var latestVersion: String? { node?.latestVersion?.versionText }
  var testName: String? { node?.test?.name }
  var access: String? {
    guard let node, node.resourceType == .model else { return nil }
    return node.access ?? node.config["access"]?.string ?? "protected"
  }
  /// Of a test that a star's declaration brings: the model that declares it.
  var declaredBy: NodeID? {
    guard let node, StarCheck(node) != nil else { return nil }
    return node.test?.attachedNode
  }
  /// Whether a node's file has no SQL in it.
  var isEmpty: Bool {
    // The rows of these come from elsewhere, so the file may be empty.
    guard let node, node.resourceType != .seed,
      !["date_dimension", "time_dimension", "audit_dimension"].contains(node.config.materialized)
    else { return false }
    return node.isBlank
  }

  var isTest: Bool { resourceType == .test || resourceType == .unitTest }
  /// Stands among the manifest's `nodes`: has SQL or rows of its own.
  var isExecutable: Bool {
    switch resourceType {
    case .model, .seed, .snapshot, .test, .analysis, .operation, .sqlOperation, .function: true
    default: false
    }
  }

  /// Members in the manifest's order, disabled ones left out.
  static func all(in manifest: Manifest) -> [GraphMember] {
    var members: [GraphMember] = []
    members.reserveCapacity(manifest.nodes.count + manifest.sources.count + manifest.exposures.count)
    for node in manifest.nodes.values where node.config.enabled { members.append(GraphMember(node)) }
    for source in manifest.sources.values where source.config.enabled { members.append(GraphMember(source)) }
    for exposure in manifest.exposures.values { members.append(GraphMember(exposure)) }
    for type in ResourceType.allCases {
      for (id, value) in manifest.opaque[type] ?? [:] {
        if let member = GraphMember(id: id, type: type, written: value) { members.append(member) }
      }
    }
    return members
  }

  init(_ node: Node) { kind = .node(node) }

  init(_ source: SourceDefinition) {
    kind = .other(
      Entry(
        id: source.id, resourceType: .source, name: source.name, packageName: source.packageName,
        fqn: source.fqn, originalFilePath: source.path, dependsOn: [], tags: source.tags,
        config: source.config.values, sourceName: source.sourceName))
  }

  init(_ exposure: Exposure) {
    kind = .other(
      Entry(
        id: exposure.id, resourceType: .exposure, name: exposure.name, packageName: exposure.packageName,
        fqn: exposure.fqn,
        originalFilePath: exposure.originalFilePath.isEmpty ? exposure.path : exposure.originalFilePath,
        dependsOn: exposure.dependsOn, tags: exposure.tags, config: exposure.config.values))
  }

  /// A kind that the manifest keeps as dbt writes it.
  init?(id: NodeID, type: ResourceType, written: PlainValue) {
    guard let entry = written.mapping else { return nil }
    let config = entry["config"]?.mapping ?? [:]
    guard config["enabled"]?.bool ?? true else { return nil }
    let name = entry["name"]?.string ?? String(id.rawValue.split(separator: ".").last ?? "")
    let packageName = entry["package_name"]?.string ?? ""
    kind = .other(
      Entry(
        id: id, resourceType: type, name: name, packageName: packageName,
        fqn: entry["fqn"]?.strings ?? [packageName, name],
        originalFilePath: entry["original_file_path"]?.string ?? "",
        dependsOn: (entry["depends_on"]?.mapping?["nodes"]?.strings ?? []).map { NodeID($0) },
        tags: entry["tags"]?.strings ?? config["tags"]?.strings, config: config,
        version: entry["version"]?.versionText))
  }
}

extension PlainValue {
  /// A model's version as a person writes it: `2`, `2.1`, `next`.
  var versionText: String? {
    switch self {
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .string(let value): value
    default: nil
    }
  }
}
