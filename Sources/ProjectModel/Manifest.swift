public import Diagnostics
public import OrderedCollections

/// The typed graph of everything that a project and its packages define.
///
/// Pure data, made once by the compiler's parse stage; every later stage reads it.
public struct Manifest: Sendable {
  public var projectName: String
  public var adapterType: String
  public var nodes: OrderedDictionary<NodeID, Node> = [:]
  public var sources: OrderedDictionary<NodeID, SourceDefinition> = [:]
  public var exposures: OrderedDictionary<NodeID, Exposure> = [:]
  public var macros: OrderedDictionary<NodeID, MacroDefinition> = [:]
  public var docs: OrderedDictionary<NodeID, DocBlock> = [:]
  public var groups: OrderedDictionary<NodeID, Group> = [:]
  /// Nodes and sources that config turned off, by id.
  public var disabled: OrderedDictionary<NodeID, [Node]> = [:]
  public var disabledSources: OrderedDictionary<NodeID, [SourceDefinition]> = [:]
  public var disabledExposures: OrderedDictionary<NodeID, [Exposure]> = [:]
  /// Semantic models, metrics and saved queries that config turned off, as artifacts show them.
  public var disabledOthers: OrderedDictionary<NodeID, [PlainValue]> = [:]
  /// Kinds that are kept as written and not yet worked with (semantic models, metrics, saved queries, unit tests).
  public var opaque: [ResourceType: OrderedDictionary<NodeID, PlainValue>] = [:]
  /// What of the unit tests is carried out; `opaque` has their entries as artifacts show them.
  public var unitTests: OrderedDictionary<NodeID, UnitTest> = [:]

  public init(projectName: String, adapterType: String) {
    self.projectName = projectName
    self.adapterType = adapterType
  }

  /// What has a result of its own in a run: a node, or a unit test as a node.
  public func runnable(_ id: NodeID) -> Node? { nodes[id] ?? unitTests[id]?.node }
}

/// One table of a source.
public struct SourceDefinition: Sendable {
  public var id: NodeID
  public var packageName: String
  public var sourceName: String
  public var name: String
  public var sourceDescription: String = ""
  public var description: String = ""
  public var loader: String = ""
  public var relation: RelationName
  public var fqn: [String]
  public var path: String
  public var rootPath: String
  public var config: NodeConfig = NodeConfig()
  public var unrenderedConfig: OrderedDictionary<String, PlainValue> = [:]
  public var columns: OrderedDictionary<String, ColumnProperties> = [:]
  public var sourceMeta: OrderedDictionary<String, PlainValue> = [:]
  /// `quoting` as the source and its table state it: only the parts that are given.
  public var statedQuoting: OrderedDictionary<String, PlainValue> = [:]
  public var unrenderedDatabase: String?
  public var unrenderedSchema: String?
  /// The docs blocks that the description names.
  public var docBlocks: [NodeID] = []
  public var loadedAtField: String?
  public var loadedAtQuery: String?
  public var freshness: PlainValue?
  public var external: PlainValue?
  public var tags: [String] = []
  public var span: SourceSpan?

  public init(
    id: NodeID, packageName: String, sourceName: String, name: String, relation: RelationName, fqn: [String],
    path: String, rootPath: String
  ) {
    self.id = id
    self.packageName = packageName
    self.sourceName = sourceName
    self.name = name
    self.relation = relation
    self.fqn = fqn
    self.path = path
    self.rootPath = rootPath
  }
}

/// A use of the warehouse outside it: a dashboard, a notebook.
public struct Exposure: Sendable {
  public var id: NodeID
  public var name: String
  public var packageName: String
  public var path: String
  /// Below the package's root: `models/exposures.yml`.
  public var originalFilePath: String = ""
  public var fqn: [String]
  public var type: String
  public var owner = Owner()
  public var label: String?
  public var maturity: String?
  public var url: String?
  public var description: String = ""
  public var config: NodeConfig = NodeConfig()
  public var unrenderedConfig: OrderedDictionary<String, PlainValue> = [:]
  public var tags: [String] = []
  public var meta: OrderedDictionary<String, PlainValue> = [:]
  public var refs: [RefCall] = []
  public var sources: [SourceCall] = []
  /// What `metric('…')` names.
  public var metrics: [[String]] = []
  public var dependsOn: [NodeID] = []
  public var span: SourceSpan?

  public init(id: NodeID, name: String, packageName: String, path: String, fqn: [String], type: String) {
    self.id = id
    self.name = name
    self.packageName = packageName
    self.path = path
    self.fqn = fqn
    self.type = type
  }
}

/// A macro, generic test or materialisation: its text and where it stands.
public struct MacroDefinition: Sendable {
  public var id: NodeID
  /// As it is called: `cents_to_dollars`, `test_unique`, `materialization_view_default`.
  public var name: String
  public var packageName: String
  public var path: String
  public var originalFilePath: String
  /// The block's own text, from its opening tag to its end tag.
  public var text: String
  public var description: String = ""
  public var arguments: [PlainValue] = []
  /// `docs:` of its properties; nil: not said.
  public var docs: PlainValue?
  public var meta: OrderedDictionary<String, PlainValue> = [:]
  public var dependsOn: [NodeID] = []
  public var supportedLanguages: [String]?
  public var patchPath: String?
  /// Where the block begins in its file.
  public var span: SourceSpan?

  public init(
    id: NodeID, name: String, packageName: String, path: String, originalFilePath: String, text: String
  ) {
    self.id = id
    self.name = name
    self.packageName = packageName
    self.path = path
    self.originalFilePath = originalFilePath
    self.text = text
  }
}

/// A `{% docs name %}` block.
public struct DocBlock: Sendable {
  public var id: NodeID
  public var name: String
  public var packageName: String
  public var path: String
  public var originalFilePath: String
  public var contents: String

  public init(
    id: NodeID, name: String, packageName: String, path: String, originalFilePath: String, contents: String
  ) {
    self.id = id
    self.name = name
    self.packageName = packageName
    self.path = path
    self.originalFilePath = originalFilePath
    self.contents = contents
  }
}

public struct Group: Sendable {
  public var id: NodeID
  public var name: String
  public var packageName: String
  public var path: String
  /// Below the package's root: `models/groups.yml`.
  public var originalFilePath: String = ""
  public var owner = Owner()
  public var description: String = ""
  public var config: OrderedDictionary<String, PlainValue> = [:]

  public init(id: NodeID, name: String, packageName: String, path: String) {
    self.id = id
    self.name = name
    self.packageName = packageName
    self.path = path
  }
}

extension Manifest {
  /// The group that a node belongs to; a test belongs to that of the node it was written for.
  public func group(of node: Node) -> Group? {
    func named(_ name: String?, _ package: String) -> Group? {
      guard let name else { return nil }
      return groups[NodeID(.group, package: package, name: name)] ?? groups.values.first { $0.name == name }
    }
    if let own = named(node.config["group"]?.string, node.packageName) { return own }
    guard let tested = node.test?.attachedNode.flatMap({ nodes[$0] }) else { return nil }
    return named(tested.config["group"]?.string, tested.packageName)
  }

  /// What an exposure or a saved query reads.
  public func parents(ofOther id: NodeID) -> [NodeID] {
    if let exposure = exposures[id] { return exposure.dependsOn }
    // A saved query is about metrics, these about semantic models, and those about models.
    var result: OrderedSet<NodeID> = []
    var waiting = [id]
    while let next = waiting.popLast() {
      for kind in [ResourceType.savedQuery, .metric, .semanticModel] {
        let entry = opaque[kind]?[next]?.mapping?["depends_on"]?.mapping?["nodes"]
        for parent in (entry?.strings ?? []).map({ NodeID($0) }) where result.append(parent).inserted {
          waiting.append(parent)
        }
      }
    }
    return Array(result)
  }
}

/// Who owns an exposure or a group: `name`, `email`, and what else a project says of its people.
public struct Owner: Sendable, Hashable {
  /// In dbt's order: `email`, `name`, then the others as written; the first two are always there.
  public let values: OrderedDictionary<String, PlainValue>

  /// - Parameter written: as properties or a manifest have it.
  public init(_ written: OrderedDictionary<String, PlainValue> = [:]) {
    var values: OrderedDictionary<String, PlainValue> = [
      "email": written["email"] ?? .null, "name": written["name"] ?? .null,
    ]
    for (key, value) in written where values[key] == nil { values[key] = value }
    self.values = values
  }

  public var name: String? { values["name"]?.string }
  /// The first address.
  public var email: String? { values["email"]?.strings?.first }
}
