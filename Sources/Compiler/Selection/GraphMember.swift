import OrderedCollections
import ProjectModel
import StarModel

/// What selection needs to know of anything in the graph, whatever its kind.
struct GraphMember: Sendable {
  var id: NodeID
  var resourceType: ResourceType
  var name: String
  var packageName: String
  var fqn: [String]
  var originalFilePath: String
  var dependsOn: [NodeID]
  /// nil where a kind has none.
  var tags: [String]?
  var patchPath: String?
  var config: OrderedDictionary<String, PlainValue> = [:]
  var sourceName: String?
  var access: String?
  var testName: String?
  /// Of a test that a star's declaration brings: the model that declares it.
  var declaredBy: NodeID?
  var version: String?
  var latestVersion: String?
  var isEmpty = false

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

  init(_ node: Node) {
    id = node.id
    resourceType = node.resourceType
    name = node.name
    packageName = node.packageName
    fqn = node.fqn
    originalFilePath = node.originalFilePath
    dependsOn = node.dependsOn
    tags = node.tags
    patchPath = node.patchPath
    config = node.config.values
    access = node.resourceType == .model ? node.access ?? config["access"]?.string ?? "protected" : nil
    testName = node.test?.name
    declaredBy = StarCheck(node) == nil ? nil : node.test?.attachedNode
    version = node.version?.versionText
    latestVersion = node.latestVersion?.versionText
    // The rows of these come from elsewhere, so the file may be empty.
    isEmpty =
      node.resourceType != .seed
      && !["date_dimension", "time_dimension", "audit_dimension"].contains(node.config.materialized)
      && node.rawCode.utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  init(_ source: SourceDefinition) {
    id = source.id
    resourceType = .source
    name = source.name
    packageName = source.packageName
    fqn = source.fqn
    originalFilePath = source.path
    dependsOn = []
    tags = source.tags
    config = source.config.values
    sourceName = source.sourceName
  }

  init(_ exposure: Exposure) {
    id = exposure.id
    resourceType = .exposure
    name = exposure.name
    packageName = exposure.packageName
    fqn = exposure.fqn
    originalFilePath = exposure.originalFilePath.isEmpty ? exposure.path : exposure.originalFilePath
    dependsOn = exposure.dependsOn
    tags = exposure.tags
    config = exposure.config.values
  }

  /// A kind that the manifest keeps as dbt writes it.
  init?(id: NodeID, type: ResourceType, written: PlainValue) {
    guard let entry = written.mapping else { return nil }
    config = entry["config"]?.mapping ?? [:]
    guard config["enabled"]?.bool ?? true else { return nil }
    self.id = id
    resourceType = type
    name = entry["name"]?.string ?? String(id.rawValue.split(separator: ".").last ?? "")
    packageName = entry["package_name"]?.string ?? ""
    fqn = entry["fqn"]?.strings ?? [packageName, name]
    originalFilePath = entry["original_file_path"]?.string ?? ""
    dependsOn = (entry["depends_on"]?.mapping?["nodes"]?.strings ?? []).map { NodeID($0) }
    tags = entry["tags"]?.strings ?? config["tags"]?.strings
    version = entry["version"]?.versionText
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
